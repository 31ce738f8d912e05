import type { Choice } from '../config/choose.ts'
import type { Note } from '../config/complete-app.ts'
import { loadApp } from '../config/load-app.ts'
import { privateFolder } from '../config/private-folder.ts'
import type { App, Site } from '../core/app.ts'
import { TasksError } from '../core/errors.ts'
import type { Mode } from '../core/event.ts'
import type { Renderer } from '../render/renderer.ts'
import { printScript, type RunRequest, type RunResult, run } from '../run/index.ts'
import { connectLocal } from '../transport/local.ts'
import { agreed } from './agree.ts'
import { choiceFor } from './choice.ts'
import { confirmed } from './confirm.ts'
import { connectTo } from './connect-to.ts'
import { eachOnce } from './each-once.ts'
import { type Ending, endingOf } from './ending.ts'
import type { SharedFlags } from './flags.ts'
import { completed, gatheredHere } from './here.ts'
import { hiddenValues, secretsIn } from './hidden-values.ts'
import { asksOf, rendererFor, withEvent } from './outlet.ts'
import { listenForSignals } from './signals.ts'
import type { Invocation } from './task-command.ts'
import { door } from './task-list.ts'
import type { Gathered } from './task-params.ts'

/** Beside what runs, since it needs nearly all of that: who starts a run shall not read one file more for it. */
export { outlineFor } from './outline-for.ts'

/**
 * From what was typed to what came of it. Usage and config are checked whole, and questions asked, before anything is sent. Several tasks
 * are so many runs, one after the other; the first that does not end well is the last.
 */
export async function runTasks(invocations: readonly Invocation[], quit: () => void): Promise<Ending> {
  const flags = invocations[0]?.flags
  if (flags === undefined) return { exitCode: 0 }
  try {
    refuseUnanswerable(flags)
    const prepared = await preparedFor(invocations, flags)
    for (const each of prepared) {
      await confirmed(each, flags)
      await agreed(each, flags)
    }
    return await inTurn(prepared, flags, quit)
  } catch (error) {
    return flags.json === true ? withEvent(error) : endingOf(error)
  }
}

interface Prepared {
  readonly request: Request
  readonly notes: readonly Note[]
  /** The stages that it is for. */
  readonly stages: readonly string[]
}

type Request = Omit<RunRequest, 'emit' | 'ask' | 'stop' | 'kill' | 'connect' | 'connectLocal'>

/** A dry run that found changes is no reason to stop. */
async function inTurn(prepared: readonly Prepared[], flags: SharedFlags, quit: () => void): Promise<Ending> {
  if (flags.printScript === true && prepared.length > 1) throw severalScripts(`${prepared.length} tasks`, 'name one')
  let ending: Ending = { exitCode: 0 }
  for (const each of prepared) {
    const { exitCode, ...said } = await carriedOut(each, flags, quit)
    ending = { ...said, exitCode: exitCode === 0 ? ending.exitCode : exitCode }
    if (exitCode !== 0 && exitCode !== 3) break
  }
  return ending
}

async function carriedOut({ request, notes }: Prepared, flags: SharedFlags, quit: () => void): Promise<Ending> {
  const renderer = rendererFor(flags)
  const signals = listenForSignals({ say: (message) => tell(renderer, { level: 'note', message }), quit })
  const ask = await asksOf(renderer, signals)
  const whole: RunRequest = {
    ...request,
    emit: renderer.emit,
    ask,
    stop: signals.stop,
    kill: signals.kill,
    connect: connectTo,
    connectLocal,
  }
  try {
    for (const note of notes) tell(renderer, note)
    if (flags.printScript === true) return { exitCode: 0, out: await scriptOf(whole, flags) }
    return { exitCode: exitCodeOf(await run(whole), flags) }
  } finally {
    await renderer.end()
    signals.release()
  }
}

async function scriptOf(request: RunRequest, { includeSecrets }: SharedFlags): Promise<string> {
  if (request.hosts.length > 1) throw severalScripts(`${request.hosts.length} hosts`, 'name one: --host HOST')
  return await printScript({ ...request, includeSecrets })
}

function severalScripts(what: string, hint: string): TasksError {
  const message = `Cannot print one script for ${what}, because each gets its own.`
  return new TasksError({ code: 'usage', message, hint })
}

async function preparedFor(invocations: readonly Invocation[], flags: SharedFlags): Promise<readonly Prepared[]> {
  const gathered = invocations.map(({ task, words }) => ({ task, ...gatheredHere(task, words) }))
  const loaded = await loadApp({ cwd: process.cwd(), config: flags.config, door })
  const placed: Placed[] = []
  for (const each of gathered) placed.push({ ...each, choice: await choiceFor(each.task, loaded, flags) })
  const requests: Request[] = []
  for (const each of placed) requests.push(await requestOf(each, flags))
  return eachOnce(requests).map((request, index) => ({
    request,
    notes: index === 0 ? [...loaded.notes, ...placed.flatMap(({ choice }) => choice.notes)] : [],
    stages: stagesOf({ site: request.site, known: loaded.app.sites, flag: flags.stage }),
  }))
}

interface Placed extends Gathered {
  readonly task: Invocation['task']
  readonly choice: Choice
}

async function requestOf({ task, choice, ...gathered }: Placed, flags: SharedFlags): Promise<Request> {
  const { app, hosts, site } = choice
  const said = await completed(gathered)
  const params = site === undefined ? said : { ...said, site: site.name }
  const { wait = false, jobs, batch, maxFailures, only = [] } = flags
  const hidden = [...(await hiddenValues(app, { site, hosts })), ...secretsIn(Object.values(params))]
  const how = { mode: modeOf(flags), only, wait, jobs, batch, maxFailures, cache: privateFolder() }
  return { app, task, params, hosts, site, hidden, ...how }
}

/** A site that `--stage` moves to another stage is still one of its own. */
function stagesOf({
  site,
  known,
  flag,
}: {
  readonly site: Site | undefined
  readonly known: App['sites']
  readonly flag: string | undefined
}): readonly string[] {
  const own = site !== undefined && Object.hasOwn(known, site.name) ? known[site.name]?.stage : undefined
  return [...new Set([site?.stage, own, flag])].filter((stage) => stage !== undefined)
}

function refuseUnanswerable({ step, jobs, batch = 1, maxFailures = 0 }: SharedFlags): void {
  if (step === true && !process.stdin.isTTY) {
    throw new TasksError({
      code: 'usage',
      message: 'Cannot ask about each step, because standard input is not a terminal.',
      hint: 'run it in a terminal, or use --dry-run',
    })
  }
  refuseUncountable('--jobs', jobs, 1)
  refuseUncountable('--batch', batch, 1)
  refuseUncountable('--max-failures', maxFailures, 0)
}

function refuseUncountable(flag: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return
  throw new TasksError({
    code: 'usage',
    message: `Cannot use ${flag}, because it must be a whole number from ${least}.`,
  })
}

function modeOf({ dryRun, step }: SharedFlags): Mode {
  if (dryRun === true) return 'dry-run'
  return step === true ? 'step' : 'run'
}

function exitCodeOf({ exitCode, counts, wouldRun }: RunResult, { dryRun, exitCode: isWanted }: SharedFlags): number {
  const isDifferent = counts.wouldChange + counts.after + wouldRun > 0
  return exitCode === 0 && dryRun === true && isWanted === true && isDifferent ? 3 : exitCode
}

function tell(renderer: Renderer, { level, message, hint }: Note): void {
  renderer.emit({ type: 'note.told', level, message, ...(hint === undefined ? {} : { hint }) })
}
