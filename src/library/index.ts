import type { Project } from '../project/project.ts'
import type { RunWhere } from '../project/run-place.ts'
import type { OptionsOf, ReturnOf, RunOptions, StartOptions, Wanted } from './options.ts'
import { type Run, type RunResult, running } from './running.ts'

/**
 * What the command line does, for programs. This file is light, since whatever imports the package by its name loads it: what runs is
 * loaded when it is first wanted.
 */

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
export function start<W extends Wanted | readonly Wanted[]>(
  project: Project,
  wanted: W,
  ...[options = {}]: OptionsOf<W>
): Run<ReturnOf<W>> {
  return running(options, async (listener) => {
    const { startedRun } = await import('./started.ts')
    const result = await startedRun(project, wanted, { options, listener })
    return result as RunResult<ReturnOf<W>> // the compiler cannot follow a function into a run and back
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
