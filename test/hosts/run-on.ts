import type { App, Host } from '../../src/core/app.ts'
import type { Event, Mode } from '../../src/core/event.ts'
import type { Step } from '../../src/core/step.ts'
import { type AnyTask, defineTask } from '../../src/core/task.ts'
import { run } from '../../src/run/index.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { connectLocal } from '../../src/transport/local.ts'
import { connectSsh } from '../../src/transport/ssh.ts'

interface Options {
  readonly mode?: Mode
  /** The login; root, unless said. */
  readonly user?: string
  readonly host?: Partial<Host>
  readonly app?: Partial<App>
}

/** What a run did, told by its own events. */
export interface Ran {
  readonly outcome: string
  readonly events: readonly Event[]
  /** The verdict of each step, by its name without the task's. */
  readonly verdicts: Readonly<Record<string, string>>
}

/** Runs a task, or a list of steps, on a sandbox host as the command line would. */
export async function runOn(box: SandboxHost, what: AnyTask | readonly Step[], options: Options = {}): Promise<Ran> {
  const { mode = 'run', user = 'root' } = options
  const { address, port, identityFile, knownHostsFile } = box
  const host: Host = { name: 'web1', address, port, user, identityFile, knownHostsFile, ...options.host }
  const events: Event[] = []
  const never = new AbortController().signal
  const { outcome } = await run({
    app: { ...emptyApp, hosts: { web1: host }, ...options.app },
    roots: [
      {
        task: 'kind' in what ? what : defineTask({ name: 'test', summary: 'Steps of a test', steps: () => what }),
        params: {},
      },
    ],
    hosts: [host],
    mode,
    only: [],
    wait: true,
    jobs: 1,
    emit: (event) => void events.push(event),
    ask: {},
    stop: never,
    kill: never,
    connectLocal,
    connect: ({ address: target, ...rest }, { ask, signal }) =>
      connectSsh({ host: target, ...rest }, { prompts: ask, signal }),
  })
  return { outcome, events, verdicts: verdictsIn(events) }
}

/** The names of the steps that ended with one of these verdicts, sorted. */
export function stepsThat(ran: Ran, ...verdicts: readonly string[]): readonly string[] {
  return Object.entries(ran.verdicts)
    .flatMap(([name, verdict]) => (verdicts.includes(verdict) ? name : []))
    .sort()
}

/** Why the run failed, in the words that a person reads. */
export function reasonOf({ events }: Ran): string | undefined {
  return events.flatMap((event) => (event.type === 'run.failed' ? event.message : []))[0]
}

function verdictsIn(events: readonly Event[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    events.flatMap((event) =>
      event.type === 'step.finished' ? [[event.step.replace(/^[^/]*\//, ''), event.verdict]] : [],
    ),
  )
}

const emptyApp: App = {
  root: '/nonexistent',
  project: {
    directory: '.',
    packages: [],
    overlay: true,
    healthPath: '/',
    healthTimeout: 30,
    keepReleases: 5,
    maxBodySize: '10m',
  },
  hosts: {},
  stages: {},
  sites: {},
  provision: { firewall: true, unattendedUpgrades: true, packages: [], repositories: [] },
  verify: {},
}
