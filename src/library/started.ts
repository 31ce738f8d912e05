import { TasksError } from '../core/errors.ts'
import { type AnyTask, calledTask } from '../core/task.ts'
import { connectTo } from '../project/connect-to.ts'
import { refuseUncountable } from '../project/limits.ts'
import { type Listener, perform, scriptOf } from '../project/perform.ts'
import { choiceFor, type Prepared, prepared } from '../project/prepare.ts'
import type { Project } from '../project/project.ts'
import { type RunWhere, runPlace } from '../project/run-place.ts'
import { attach, type RunResult as WholeResult } from '../run/index.ts'
import { refuseUnagreed } from './agreement.ts'
import { answering } from './answers.ts'
import { argumentsOf, refuseStrangers } from './arguments.ts'
import { namedTask } from './named-task.ts'
import type { RunOptions, StartOptions, Wanted } from './options.ts'
import type { Listening, RunResult } from './running.ts'

interface Started<O> {
  readonly options: O
  readonly listener: Listening
}

/** Does what is wanted of a project. Rejects before anything is connected to where it cannot be done so. */
export async function startedRun(
  project: Project,
  wanted: Wanted | readonly Wanted[],
  { options, listener }: Started<StartOptions>,
): Promise<RunResult> {
  const asked = await preparedRun(project, wanted, options)
  refuseUnagreed(asked, options)
  if (listener.stop.aborted) throw stoppedBefore()
  const result = await perform(asked, listenerFor(options, listener))
  return told(
    result,
    asked.request.roots.map(({ task }) => task),
  )
}

export async function scriptFor(
  project: Project,
  wanted: Wanted | readonly Wanted[],
  options: StartOptions & { readonly includeSecrets?: boolean },
): Promise<string> {
  const never = new AbortController().signal
  const listener: Listener = { emit: () => undefined, ask: {}, stop: never, kill: never }
  return await scriptOf(await preparedRun(project, wanted, options), listener, options)
}

/** Neither end of the following is one of the run. */
export async function attachedRun(
  project: Project,
  { run, ...where }: RunWhere & { readonly run?: string },
  { options, listener }: Started<Pick<RunOptions, 'ask'>>,
): Promise<RunResult> {
  const place = await runPlace('attach', project, where)
  const whole = { ...listenerFor(options, listener), kill: listener.stop }
  return told(await attach({ ...place, run, ...whole, connect: connectTo }), [])
}

async function preparedRun(
  project: Project,
  wanted: Wanted | readonly Wanted[],
  options: StartOptions,
): Promise<Prepared> {
  refuseUnaskable(options)
  refuseUncountable(options)
  const { params = {}, hosts = [], stage, mode = 'run', only = [], wait = false, jobs = 10 } = options
  const asked = askedFor(project, wanted, params)
  const tasks = asked.map(({ task }) => task)
  const sites = asked.map(({ given }) => given.site)
  const where = { hosts, stage, site: oneSite([options.site, ...sites]) }
  const choice = await choiceFor(tasks, project, where)
  const roots = asked.map(({ task, given }) => ({ task, params: argumentsOf(task, given, project.cwd) }))
  const how = { mode, only, wait, jobs, batch: options.batch, maxFailures: options.maxFailures }
  return await prepared(roots, { project, choice, where, how })
}

/** Each task with what is given to it: what is said of all of them, and what its call says. */
function askedFor(project: Project, wanted: Wanted | readonly Wanted[], params: Arguments) {
  const list = (Array.isArray(wanted) ? wanted : [wanted]) as readonly Wanted[]
  if (list.length === 0) throw nothingWanted()
  const asked = list.map((one) => {
    const task = namedTask(project, typeof one === 'string' ? one : calledTask(one))
    const own: Arguments = typeof one === 'string' || one.kind !== 'call' ? {} : one.params
    refuseStrangers([task], own)
    return { task, given: { ...params, ...own } }
  })
  const tasks = asked.map(({ task }) => task)
  refuseStrangers(tasks, params)
  return asked
}

type Arguments = Readonly<Record<string, unknown>>

function refuseUnaskable({ mode, ask }: StartOptions): void {
  if (mode === 'step' && ask?.step === undefined) {
    throw new TasksError({
      code: 'usage',
      message: 'Cannot ask about each step, because ask.step is missing.',
      hint: "give it, or use mode: 'dry-run'",
    })
  }
}

function oneSite(named: readonly unknown[]): string | undefined {
  const [site, other] = new Set(named.filter((one) => one !== undefined).map(String))
  if (other === undefined) return site
  throw new TasksError({
    code: 'usage',
    message: `Cannot run this, because a run is for one site, and two are named: "${site}" and "${other}".`,
    hint: 'start a run for each',
  })
}

function listenerFor({ ask = {} }: Pick<RunOptions, 'ask'>, listener: Listening): Listener {
  return { ...listener, ask: answering(ask, listener.stop) }
}

/** What others than those asked for have returned is theirs. */
function told({ returned, ...result }: WholeResult, asked: readonly AnyTask[]): RunResult {
  const own = returned.filter(({ task }) => asked.includes(task))
  return { ...result, returned: own.map(({ task: _, label, ...came }) => ({ task: label, ...came })) }
}

function nothingWanted(): TasksError {
  return new TasksError({ code: 'usage', message: 'Cannot run nothing, because a run is of one task at least.' })
}

function stoppedBefore(): TasksError {
  return new TasksError({ code: 'interrupted', message: 'Stopped before anything was done.' })
}
