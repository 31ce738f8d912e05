import type { AnyTask, Call, Needs, Params, Task } from '../core/task.ts'
import type { Project } from '../project/project.ts'
import type { RunWhere } from '../project/run-place.ts'
import type { OptionsFor, RunOptions, StartOptions } from './options.ts'
import { type Run, running } from './running.ts'

/**
 * What the command line does, for programs. This file is light, since whatever imports the package by its name loads it: what runs is
 * loaded when it is first wanted.
 */

/** Tasks by their names, as they are, or with arguments: `[frontend, call(deploy, { ref: 'v2' })]`. */
type Wanted = string | AnyTask | Call

/**
 * The project at a folder or above it (the current one, unless said): its config and tasks, as the command line finds them. Rejects with a
 * TasksError for what is wrong with them.
 */
export async function loadProject({
  cwd = '.',
  config,
}: {
  readonly cwd?: string
  /** The config file, instead of the nearest. */
  readonly config?: string
} = {}): Promise<Project> {
  const { projectAt } = await import('../project/project.ts')
  const { doorOf } = await import('./door.ts')
  return await projectAt({ cwd, config, door: () => doorOf({ loadProject, start, attach, printScript }) })
}

/**
 * Begins a run of a task, or of several as one, and gives it at once: its events, and what came of it. Failures of hosts and people are in both;
 * bad usage and bad config reject with a TasksError before anything is connected to. Nobody is asked anything but through `ask`.
 *
 *     for await (const event of start(project, deploy, { params: { ref: 'v2' }, site: 'staging.example.com' })) …
 */
export function start<P extends Params, N extends Needs, R>(
  project: Project,
  task: Task<P, N, R>,
  ...options: OptionsFor<P, N>
): Run<R>
export function start(project: Project, wanted: Wanted | readonly Wanted[], options?: StartOptions): Run
export function start(project: Project, wanted: Wanted | readonly Wanted[], options: StartOptions = {}): Run {
  return running(options, async (listener) => {
    const { startedRun } = await import('./started.ts')
    return await startedRun(project, wanted, { options, listener })
  })
}

/**
 * Follows a run on a host to its end, or tells it again, whoever began it: the last one of the host or site, unless `run` names one. To stop it
 * is to follow it no longer; the run itself goes on.
 */
export function attach(
  project: Project,
  where: RunWhere & { readonly run?: string },
  options: Pick<RunOptions, 'ask' | 'signal'> = {},
): Run {
  return running(options, async (listener) => {
    const { attachedRun } = await import('./started.ts')
    return await attachedRun(project, where, { options, listener })
  })
}

/** The program of a run on one host, as a script that root runs with `sh`. Nothing is connected to, and nothing is done. */
export async function printScript(
  project: Project,
  wanted: Wanted | readonly Wanted[],
  options: StartOptions & { readonly includeSecrets?: boolean } = {},
): Promise<string> {
  const { scriptFor } = await import('./started.ts')
  return await scriptFor(project, wanted, options)
}
