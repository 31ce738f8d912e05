import { isTasksError, TasksError } from '../core/errors.ts'
import type { FreeForm } from '../core/free-form.ts'
import { askFreely } from './ask-freely.ts'
import { localMachine } from './free-form/local-machine.ts'
import type { MachineParts } from './free-form/machine.ts'
import type { RunRequest } from './request.ts'

interface Doing {
  readonly request: RunRequest
  readonly task: string
  /** Absent for what is done on this machine. */
  readonly host?: string
}

/** What a function may do besides commands on hosts, and what makes machines of connections for it. */
export interface Means extends FreeForm {
  readonly machine: Omit<MachineParts, 'connection'>
}

/**
 * Does what a free-form task does, and resolves with what it returned. A dry run only tells that it would be done. What the function asked to
 * have cleaned up is, however it ended. Rejects with a TasksError, also for what the function threw by mistake.
 */
export async function doFunction<T>(
  doing: Doing,
  work: (means: Means) => T | Promise<T>,
): Promise<Awaited<T> | undefined> {
  const { request, task, host } = doing
  const about = { task, ...(host !== undefined && { host }) }
  if (request.mode === 'dry-run') {
    request.emit({ type: 'task.finished', ...about, verdict: 'would run', took: 0 })
    return undefined
  }
  if (request.stop.aborted) throw stoppedBefore(task)
  if (request.mode === 'step' && !(await isWanted(doing))) {
    request.emit({ type: 'task.finished', ...about, verdict: 'skipped', took: 0 })
    return undefined
  }
  const started = Date.now()
  const ended = (verdict: 'done' | 'failed') =>
    request.emit({ type: 'task.finished', ...about, verdict, took: Date.now() - started })
  request.emit({ type: 'task.started', ...about })
  try {
    const value = await withMeans(doing, work)
    ended('done')
    return value
  } catch (error) {
    ended('failed')
    throw isTasksError(error) ? error : thrown(error, doing)
  }
}

/** All that was opened is closed again, and all that was to be undone is, the last thing first. */
async function withMeans<T>(doing: Doing, work: (means: Means) => T | Promise<T>): Promise<Awaited<T>> {
  const { request, task, host } = doing
  const { ask, emit, stop, kill } = request
  const about = { task, ...(host !== undefined && { host }) }
  const isOver = new AbortController()
  const connection = await request.connectLocal()
  const undone: Undo[] = [() => connection.close(), () => isOver.abort()]
  let isCleaning = false
  const isStopped = () => stop.aborted && !isCleaning
  const machine = { task, emit, isStopped, kill, ended: isOver.signal, hidden: request.hidden ?? [], ask }
  const here = { ...machine, connection, root: request.app.root }
  const startCleaning = () => {
    isCleaning = true
  }
  return await cleaned({ undone, startCleaning }, () =>
    work({
      machine,
      local: request.standIns?.local(here) ?? localMachine(here),
      ask: askFreely(ask),
      log: (message) => emit({ type: 'note.told', level: 'note', ...about, message }),
      signal: stop,
      cleanup: (undo) => void undone.push(undo),
    }),
  )
}

type Undo = () => void | Promise<void>

interface Cleaning {
  readonly undone: readonly Undo[]
  /** From here on a stop that somebody wanted keeps no command from being begun. */
  readonly startCleaning: () => void
}

/** A clean-up that fails keeps no other from being done, and hides no earlier failure. */
async function cleaned<T>({ undone, startCleaning }: Cleaning, work: () => T | Promise<T>): Promise<Awaited<T>> {
  const tried = await attempt(work)
  startCleaning()
  const failures = 'error' in tried ? [tried] : []
  for (const undo of undone.toReversed()) {
    const undoing = await attempt(undo)
    if ('error' in undoing) failures.push(undoing)
  }
  const [first] = failures
  if (first !== undefined) throw first.error
  return (tried as Done<Awaited<T>>).value // what has not failed has a value
}

interface Done<T> {
  readonly value: T
}

async function attempt<T>(work: () => T | Promise<T>): Promise<Done<Awaited<T>> | { readonly error: unknown }> {
  try {
    return { value: await work() }
  } catch (error) {
    return { error }
  }
}

/** Step by step, a function is one step. */
async function isWanted({ request: { ask }, task, host = 'this machine' }: Doing): Promise<boolean> {
  const answer = await ask.step?.({
    host,
    task,
    step: task,
    title: `do "${task}"`,
    script: '# a function: what it does is in its source',
  })
  if (answer === 'abort' || answer === undefined) throw stoppedBefore(task)
  return answer !== 'skip'
}

function stoppedBefore(task: string): TasksError {
  return new TasksError({
    code: 'interrupted',
    message: `Stopped before "${task}" began.`,
    hint: 'run the same command again',
  })
}

/** A mistake in somebody's function is told with its place there. */
function thrown(error: unknown, { task, host }: Doing): TasksError {
  const where = host === undefined ? '' : ` on "${host}"`
  const because = error instanceof Error ? error.message : String(error)
  return new TasksError({
    code: 'failed',
    message: `Cannot finish "${task}"${where}, because it threw: ${because.split('\n')[0]?.replace(/\.$/, '')}.`,
    output: error instanceof Error ? placeIn(error) : undefined,
    cause: error,
  })
}

function placeIn({ stack = '' }: Error): string | undefined {
  const [frame] = stack.split('\n').filter((line) => /^\s+at /.test(line) && !/node:|node_modules/.test(line))
  return frame?.trim()
}
