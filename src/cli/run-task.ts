import { choose } from '../config/choose.ts'
import type { Note } from '../config/complete-app.ts'
import { loadApp } from '../config/load-app.ts'
import type { App, Site } from '../core/app.ts'
import { TasksError } from '../core/errors.ts'
import type { Mode } from '../core/event.ts'
import type { Renderer } from '../render/renderer.ts'
import { needsHost } from '../run/graph.ts'
import { printScript, type RunRequest, type RunResult, run } from '../run/index.ts'
import { connectLocal } from '../transport/local.ts'
import { confirmed } from './confirm.ts'
import { connectTo } from './connect-to.ts'
import { type Ending, endingOf } from './ending.ts'
import type { SharedFlags } from './flags.ts'
import { hiddenValues } from './hidden-values.ts'
import { knownPlaces } from './known-places.ts'
import { asksOf, rendererFor, withEvent } from './outlet.ts'
import type { Invocation } from './program.ts'
import { listenForSignals } from './signals.ts'
import { door } from './task-list.ts'
import { argumentsOf, chainPlan, paramsOf } from './task-params.ts'

/** From what was typed to what the run came to. Usage and config are checked whole before anything is sent. */
export async function runTask(invocation: Invocation, quit: () => void): Promise<Ending> {
  try {
    refuseUnanswerable(invocation.flags)
    const prepared = await requestOf(invocation)
    await confirmed(prepared, invocation.flags)
    return await carriedOut(prepared, invocation.flags, quit)
  } catch (error) {
    return invocation.flags.json === true ? withEvent(error) : endingOf(error)
  }
}

interface Prepared {
  readonly request: Omit<RunRequest, 'emit' | 'ask' | 'stop' | 'kill' | 'connect' | 'connectLocal'>
  readonly notes: readonly Note[]
  /** The stages that it is for. */
  readonly stages: readonly string[]
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
  if (request.hosts.length > 1) {
    throw new TasksError({
      code: 'usage',
      message: `Cannot print one script for ${request.hosts.length} hosts, because each gets its own.`,
      hint: 'name one: --host HOST',
    })
  }
  return await printScript({ ...request, includeSecrets })
}

async function requestOf({ task, flags, words }: Invocation): Promise<Prepared> {
  const cwd = process.cwd()
  const params = argumentsOf(task, words)
  const loaded = await loadApp({ cwd, config: flags.config, door })
  const { app, hosts, site, notes } = await choose(
    loaded.app,
    { hosts: flags.host ?? [], site: flags.site, stage: flags.stage },
    {
      task: task.name,
      needsHost: needsHost(chainPlan(task)),
      needsSite: Object.hasOwn(paramsOf(task), 'site'),
      hasProject: loaded.hasProject,
      ...knownPlaces(loaded.app),
    },
  )
  const given = site === undefined ? params : { ...params, site: site.name }
  const { wait = false, jobs } = flags
  const hidden = await hiddenValues(app, { site, hosts })
  return {
    request: { app, task, params: given, hosts, site, mode: modeOf(flags), only: flags.only ?? [], wait, jobs, hidden },
    notes: [...loaded.notes, ...notes],
    stages: stagesOf({ site, known: loaded.app.sites, flag: flags.stage }),
  }
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

function refuseUnanswerable({ step, jobs }: SharedFlags): void {
  if (step === true && !process.stdin.isTTY) {
    throw new TasksError({
      code: 'usage',
      message: 'Cannot ask about each step, because standard input is not a terminal.',
      hint: 'run it in a terminal, or use --dry-run',
    })
  }
  if (Number.isInteger(jobs) && jobs >= 1) return
  throw new TasksError({ code: 'usage', message: 'Cannot use --jobs, because it must be a whole number from 1.' })
}

function modeOf({ dryRun, step }: SharedFlags): Mode {
  if (dryRun === true) return 'dry-run'
  return step === true ? 'step' : 'run'
}

function exitCodeOf({ exitCode, counts }: RunResult, { dryRun, exitCode: isWanted }: SharedFlags): number {
  const isDifferent = counts.wouldChange + counts.after > 0
  return exitCode === 0 && dryRun === true && isWanted === true && isDifferent ? 3 : exitCode
}

function tell(renderer: Renderer, { level, message, hint }: Note): void {
  renderer.emit({ type: 'note.told', level, message, ...(hint === undefined ? {} : { hint }) })
}
