import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import type { App, Host, Site } from '../../src/core/app.ts'
import type { Ask } from '../../src/core/ask.ts'
import type { Event, Mode } from '../../src/core/event.ts'
import type { Step } from '../../src/core/step.ts'
import { type AnyTask, defineTask } from '../../src/core/task.ts'
import { type RunRequest, type RunResult, run } from '../../src/run/index.ts'
import type { Debian, SandboxHost } from '../../src/sandbox/index.ts'
import { connectLocal } from '../../src/transport/local.ts'
import { connectSsh } from '../../src/transport/ssh.ts'
import { deploy } from '../../tasks/deploy.ts'
import { provision } from '../../tasks/provision.ts'
import { floor } from './host.ts'

/** The example site, as every floor and every run of these helpers knows it. */
export const site: Site = { name: 'staging.example.com', host: 'web1', stage: 'staging', aliases: [] }

/** A floor where `tasks provision` has been done by a user with sudo, who owns the sites. */
export function provisioned(debian: Debian): Promise<string> {
  return floor({ name: 'provisioned-elspeth', debian, make: async (host) => wanted(await taskOn(host, provision)) })
}

/** A floor that has been provisioned and serves the example project's one commit. */
export async function deployed(debian: Debian): Promise<string> {
  const project = await exampleProject()
  try {
    const { stdout } = await promisify(execFile)('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: project })
    return await floor({
      name: `deployed-${stdout.trim()}`,
      debian,
      from: await provisioned(debian),
      make: async (host) => wanted(await taskOn(host, deploy, { project })),
    })
  } finally {
    await rm(project, { recursive: true })
  }
}

/** A copy of the example project in a repository of its own; the same content always gives the same commit. */
export async function exampleProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tasks-example-'))
  const example = join(import.meta.dirname, '../../examples/django')
  await cp(example, folder, { recursive: true, filter: (path) => !/__pycache__|\.sqlite3$|\.git$/.test(path) })
  await git(folder, 'init', '--quiet', '--initial-branch=main')
  await commitAll(folder, 'To-do lists')
  return folder
}

/** The same, gone when the test is over. */
export async function ownProject(): Promise<string> {
  const folder = await exampleProject()
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Commits all that is in the folder. */
export async function commitAll(folder: string, message: string): Promise<void> {
  await git(folder, 'add', '--all')
  await git(folder, 'commit', '--quiet', `--message=${message}`)
}

/** Changes a file of a project and commits it. */
export async function commitFile(folder: string, path: string, text: string): Promise<void> {
  await writeFile(join(folder, path), text)
  await commitAll(folder, `Change ${path}`)
}

export interface TaskOptions {
  /** Folder of the project; a task that reads none needs none. */
  readonly project?: string
  readonly user?: string
  readonly mode?: Mode
  readonly only?: readonly string[]
  readonly wait?: boolean
  /** In place of the usual one. */
  readonly site?: string
  /** Arguments of the task, in place of the usual ones. */
  readonly params?: Readonly<Record<string, unknown>>
  readonly settings?: Partial<App['project']>
  readonly ask?: Ask
  readonly stop?: AbortSignal
  readonly kill?: AbortSignal
  /** Absolute path of the stage's dotenv file. */
  readonly dotenv?: string
  /** ssh_config in place of the user's own. */
  readonly sshConfig?: string
  /** Hears each event when it comes. */
  readonly onEvent?: (event: Event) => void
}

/** What a run came to, told by its own events. */
export interface Ran extends RunResult {
  readonly events: readonly Event[]
  /** The verdict of each step, by `task/step`. */
  readonly verdicts: Readonly<Record<string, string>>
  /** Why it failed, in the words that a person reads. */
  readonly because: string | undefined
  readonly hint: string | undefined
}

/** Does a task, or a list of steps, on a sandbox host as the command line would. */
export async function taskOn(
  box: SandboxHost,
  what: AnyTask | readonly Step[],
  options: TaskOptions = {},
): Promise<Ran> {
  const events: Event[] = []
  const emit = (event: Event) => {
    events.push(event)
    options.onEvent?.(event)
  }
  const result = await run(requestOn(box, what, { ...options, emit }))
  const failed = events.flatMap((event) => (event.type === 'run.failed' ? [event] : []))[0]
  return { ...result, events, verdicts: verdictsIn(events), because: failed?.message, hint: failed?.hint }
}

/** The steps that ended with one of these verdicts, sorted. */
export function stepsThat({ verdicts }: Pick<Ran, 'verdicts'>, ...wanted: readonly string[]): readonly string[] {
  return Object.keys(verdicts)
    .filter((step) => wanted.includes(verdicts[step] ?? ''))
    .sort()
}

export function requestOn(
  box: SandboxHost,
  what: AnyTask | readonly Step[],
  options: TaskOptions & Pick<RunRequest, 'emit'>,
): RunRequest {
  const { project = '/nonexistent', mode = 'run', only = [], wait = false, ask = {}, emit, sshConfig } = options
  const never = new AbortController().signal
  const host = hostOf(box, options.user ?? box.user)
  const its = { ...site, name: options.site ?? site.name }
  const task = 'kind' in what ? what : defineTask({ name: 'test', summary: 'Steps of a test', steps: () => what })
  return {
    app: { ...appOf(host, project, options), sites: { [its.name]: its } },
    roots: [{ task, params: { site: its.name, ref: 'HEAD', uncommitted: false, ...options.params } }],
    hosts: [host],
    site: its,
    mode,
    only,
    wait,
    jobs: 1,
    emit,
    ask,
    stop: options.stop ?? never,
    kill: options.kill ?? never,
    connectLocal,
    connect: ({ address, ...rest }, { ask: prompts, signal }) =>
      connectSsh({ host: address, ...rest, ...(sshConfig && { configFile: sshConfig }) }, { prompts, signal, env: {} }),
  }
}

function hostOf({ address, port, identityFile, knownHostsFile }: SandboxHost, user: string): Host {
  return { name: 'web1', address, port, user, identityFile, knownHostsFile, siteUser: 'elspeth' }
}

function appOf(host: Host, root: string, { dotenv, settings }: TaskOptions): App {
  const usual = { directory: '.', packages: [], overlay: true, healthPath: '/', healthTimeout: 60, keepReleases: 5 }
  return {
    root,
    project: { ...usual, maxBodySize: '10m', ...settings },
    hosts: { web1: host },
    stages: { staging: { name: 'staging', protected: false, dotenv } },
    sites: {},
    provision: { firewall: true, unattendedUpgrades: true, packages: [], repositories: [] },
    verify: {},
  }
}

function verdictsIn(events: readonly Event[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    events.flatMap((event) => (event.type === 'step.finished' ? [[event.step, event.verdict]] : [])),
  )
}

function wanted({ outcome, because }: Ran): void {
  if (outcome !== 'done') throw new Error(because)
}

/** The developer's own git settings stay out of it; the times are part of a commit's name. */
async function git(folder: string, ...words: readonly string[]): Promise<void> {
  const own = ['GIT_AUTHOR', 'GIT_COMMITTER'].flatMap((who) => [
    [`${who}_NAME`, 'Edith'],
    [`${who}_EMAIL`, 'edith@example.com'],
    [`${who}_DATE`, '2026-01-01T00:00:00Z'],
  ])
  const env = {
    ...process.env,
    ...Object.fromEntries(own),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
  }
  await promisify(execFile)('git', words, { cwd: folder, env })
}
