import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { App, Host, Site, Stage } from '../../src/core/app.ts'
import type { Event, Mode } from '../../src/core/event.ts'
import { run as runTask } from '../../src/run/index.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { run } from '../../src/sandbox/shell.ts'
import { connectLocal } from '../../src/transport/local.ts'
import { connectSsh } from '../../src/transport/ssh.ts'
import { deploy } from '../../tasks/deploy.ts'
import { commitFiles } from '../kinds/index.ts'

const git = promisify(execFile)

/** A copy of the example project in a git repository of its own, with one commit. */
export async function exampleProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tasks-example-'))
  const example = join(import.meta.dirname, '../../examples/django')
  await cp(example, folder, { recursive: true, filter: (path) => !/__pycache__|\.sqlite3$|\.git$/.test(path) })
  await git('git', ['init', '--quiet', '--initial-branch=main'], { cwd: folder })
  await git('git', ['add', '--all'], { cwd: folder })
  await commitFiles(folder, { 'MADE-FOR': 'a test\n' }, 'First version of the to-do lists')
  return folder
}

export async function removeProject(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

export interface Deploying {
  readonly project: string
  readonly site: string
  readonly mode?: Mode
  readonly only?: readonly string[]
  readonly aliases?: readonly string[]
  /** Absolute path of a dotenv file. */
  readonly dotenv?: string
  readonly settings?: Partial<App['project']>
  readonly uncommitted?: boolean
}

export interface Deployed {
  readonly outcome: string
  readonly exitCode: number
  readonly events: readonly Event[]
  /** The verdict of each step, by `task/step`. */
  readonly verdicts: Readonly<Record<string, string>>
  /** The sentence, hint and output of what went wrong. */
  readonly failure: { readonly message: string; readonly hint?: string; readonly output?: string } | undefined
  readonly notes: readonly string[]
}

/** Deploys a site to a sandbox host as `tasks deploy` does: provision, deploy, verify. */
export async function deployOn(box: SandboxHost, options: Deploying): Promise<Deployed> {
  const { project, site, mode = 'run', only = [], aliases = [] } = options
  const host: Host = {
    name: 'web1',
    address: box.address,
    port: box.port,
    user: 'elspeth',
    identityFile: box.identityFile,
    knownHostsFile: box.knownHostsFile,
  }
  const stage: Stage = { name: 'staging', protected: false, dotenv: options.dotenv }
  const theSite: Site = { name: site, host: 'web1', stage: 'staging', aliases }
  const events: Event[] = []
  const never = new AbortController().signal
  const { outcome, exitCode } = await runTask({
    app: {
      root: project,
      project: {
        directory: '.',
        packages: [],
        overlay: true,
        healthPath: '/',
        healthTimeout: 60,
        keepReleases: 5,
        maxBodySize: '10m',
        ...options.settings,
      },
      hosts: { web1: host },
      stages: { staging: stage },
      sites: { [site]: theSite },
      provision: { firewall: true, unattendedUpgrades: true, packages: [], repositories: [] },
      verify: {},
    },
    roots: [{ task: deploy, params: { site, ref: 'HEAD', uncommitted: options.uncommitted ?? false } }],
    hosts: [host],
    site: theSite,
    mode,
    only,
    wait: true,
    jobs: 1,
    emit: (event) => void events.push(event),
    ask: {},
    stop: never,
    kill: never,
    connectLocal,
    connect: ({ address, ...rest }, { ask, signal }) =>
      connectSsh({ host: address, ...rest }, { prompts: ask, signal }),
  })
  const failed = events.flatMap((event) => (event.type === 'run.failed' ? [event] : []))[0]
  return {
    outcome,
    exitCode,
    events,
    verdicts: Object.fromEntries(
      events.flatMap((event) => (event.type === 'step.finished' ? [[event.step, event.verdict]] : [])),
    ),
    failure: failed,
    notes: events.flatMap((event) => (event.type === 'note.told' ? [event.message] : [])),
  }
}

/** The steps with one of these verdicts, sorted. */
export function stepsOf({ verdicts }: Deployed, ...wanted: readonly string[]): readonly string[] {
  return Object.entries(verdicts)
    .flatMap(([step, verdict]) => (wanted.includes(verdict) ? [step] : []))
    .sort()
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Asks a sandbox host for a page of a site, from outside. */
export async function page(box: SandboxHost, site: string, path = '/'): Promise<Answer> {
  const { stdout } = await run([
    'curl',
    '-sSi',
    '--max-time',
    '30',
    '-H',
    `Host: ${site}`,
    `http://${box.address}${path}`,
  ])
  const [head = '', ...rest] = stdout.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  return { status: Number(first.split(' ')[1]), headers, body: rest.join('\r\n\r\n') }
}
