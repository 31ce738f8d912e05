import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { App, Host } from '../../src/core/app.ts'
import type { Event } from '../../src/core/event.ts'
import type { AnyTask } from '../../src/core/task.ts'
import { type RunRequest, type RunResult, run } from '../../src/run/index.ts'
import { connectLocal } from '../../src/transport/local.ts'

export interface RanHere extends RunResult {
  readonly events: readonly Event[]
  /** `host task: verdict` of each function, in order. */
  readonly functions: readonly string[]
  readonly failures: readonly string[]
}

type Options = Partial<Omit<RunRequest, 'hosts'>> & {
  readonly params?: Readonly<Record<string, unknown>>
  readonly hosts?: readonly string[]
  readonly groups?: App['groups']
  /** The project's folder. */
  readonly root?: string
  /** The host that the config calls so. */
  readonly primary?: string
}

/** Runs a task with this machine as its hosts, each with a state of its own. */
export async function runHere(
  task: AnyTask,
  { hosts = ['one'], groups, primary, root, params = {}, ...rest }: Options = {},
): Promise<RanHere> {
  const folder = mkdtempSync(join(tmpdir(), 'tasks-run-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }))
  const all = hosts.map((name): Host => ({ name, address: name, primary: name === primary }))
  const events: Event[] = []
  const never = new AbortController().signal
  const result = await run({
    ...{ roots: [{ task, params }], mode: 'run', only: [], wait: false, jobs: 10, ask: {}, stop: never, kill: never },
    app: { ...appIn(root ?? folder, all), groups },
    connectLocal,
    connect: ({ name }) =>
      connectLocal({ env: { TASKS_STATE: join(folder, name, 'state'), TASKS_RUN: join(folder, name, 'run') } }),
    emit: (event) => void events.push(event),
    ...rest,
    hosts: all,
  })
  const functions = events.flatMap((event) =>
    event.type === 'task.finished' ? [`${event.host ?? 'here'} ${event.task}: ${event.verdict}`] : [],
  )
  const failures = events.flatMap((event) => (event.type === 'run.failed' ? [event.message] : []))
  return { ...result, events, functions, failures }
}

function appIn(root: string, hosts: readonly Host[]): App {
  return {
    root,
    project: {
      ...{ directory: '.', packages: [], overlay: true, healthPath: '/', healthTimeout: 30 },
      ...{ keepReleases: 5, maxBodySize: '10m' },
    },
    hosts: Object.fromEntries(hosts.map((host) => [host.name, host])),
    stages: {},
    sites: {},
    provision: { firewall: true, unattendedUpgrades: true, packages: [], repositories: [] },
    verify: {},
  }
}
