import { loadApp } from '../config/load-app.ts'
import { TasksError } from '../core/errors.ts'
import type { Mode } from '../core/event.ts'
import { refuseUncountable } from '../project/limits.ts'
import { type Listener, perform, scriptOf } from '../project/perform.ts'
import { choiceFor, type Prepared, prepared, type Where } from '../project/prepare.ts'
import type { Root } from '../run/graph.ts'
import type { RunResult } from '../run/index.ts'
import { agreed } from './agree.ts'
import { confirmed } from './confirm.ts'
import { door } from './door.ts'
import { type Ending, endingOf } from './ending.ts'
import type { SharedFlags } from './flags.ts'
import { completed, gatheredHere } from './here.ts'
import { asksOf, rendererFor, withEvent } from './outlet.ts'
import { listenForSignals } from './signals.ts'
import type { Invocation } from './task-command.ts'
import { flagName } from './task-flags.ts'

/** Beside what runs, since it needs nearly all of that: who starts a run shall not read one file more for it. */
export { outlineFor } from './outline-for.ts'

/**
 * From what was typed to what came of it. Usage and config are checked whole, and questions asked, before anything is sent. Several tasks
 * are one run.
 */
export async function runTasks(invocations: readonly Invocation[], quit: () => void): Promise<Ending> {
  const flags = invocations[0]?.flags
  if (flags === undefined) return { exitCode: 0 }
  try {
    refuseUnanswerable(flags)
    refuseUncountable(flags, (limit) => `--${flagName(limit)}`)
    const asked = await preparedFor(invocations, flags)
    await confirmed(asked, flags)
    await agreed(asked, flags)
    return await carriedOut(asked, flags, quit)
  } catch (error) {
    return flags.json === true ? withEvent(error) : endingOf(error)
  }
}

async function carriedOut(asked: Prepared, flags: SharedFlags, quit: () => void): Promise<Ending> {
  const renderer = rendererFor(flags)
  const { emit } = renderer
  const say = (message: string) => emit({ type: 'note.told', level: 'note', message })
  const signals = listenForSignals({ say, quit })
  const ask = await asksOf(renderer, signals)
  const listener: Listener = { emit, ask, stop: signals.stop, kill: signals.kill }
  try {
    if (flags.printScript === true) return { exitCode: 0, out: await scriptOf(asked, listener, flags) }
    return { exitCode: exitCodeOf(await perform(asked, listener), flags) }
  } finally {
    await renderer.end()
    signals.release()
  }
}

async function preparedFor(invocations: readonly Invocation[], flags: SharedFlags): Promise<Prepared> {
  const found = invocations.map(({ task, words }) => ({ task, gathered: gatheredHere(task, words) }))
  const cwd = process.cwd()
  const project = { cwd, ...(await loadApp({ cwd, config: flags.config, door })) }
  const where: Where = { hosts: flags.host ?? [], site: flags.site, stage: flags.stage }
  const tasks = found.map(({ task }) => task)
  const choice = await choiceFor(tasks, project, where)
  const roots: Root[] = []
  for (const { task, gathered } of found) roots.push({ task, params: await completed(gathered) })
  const { wait = false, jobs, batch, maxFailures, only = [] } = flags
  const how = { mode: modeOf(flags), only, wait, jobs, batch, maxFailures }
  return await prepared(roots, { project, choice, where, how })
}

function refuseUnanswerable({ step }: SharedFlags): void {
  if (step === true && !process.stdin.isTTY) {
    throw new TasksError({
      code: 'usage',
      message: 'Cannot ask about each step, because standard input is not a terminal.',
      hint: 'run it in a terminal, or use --dry-run',
    })
  }
}

function modeOf({ dryRun, step }: SharedFlags): Mode {
  if (dryRun === true) return 'dry-run'
  return step === true ? 'step' : 'run'
}

function exitCodeOf({ exitCode, counts, wouldRun }: RunResult, { dryRun, exitCode: isWanted }: SharedFlags): number {
  const isDifferent = counts.wouldChange + counts.after + wouldRun > 0
  return exitCode === 0 && dryRun === true && isWanted === true && isDifferent ? 3 : exitCode
}
