import { isTasksError, type TasksError } from '../core/errors.ts'
import type { Outcome } from '../core/outcome.ts'
import { localContext, type PlaceOnHost } from './contexts.ts'
import { doFunction } from './functions.ts'
import type { PlannedTask } from './graph.ts'
import type { Work } from './work.ts'

export interface LocalEnd {
  readonly outcome: Outcome
  readonly error?: TasksError
}

/** Does what a task does on this machine. A failure is told as an event. */
export async function doLocally(
  planned: PlannedTask,
  work: Work,
  sessions: readonly { readonly place: PlaceOnHost }[],
): Promise<LocalEnd> {
  const { request, handed } = work
  const task = planned.label
  const hosts = sessions.map(({ place }) => place)
  try {
    const context = localContext(planned, { request, handed, hosts })
    if (planned.task.when?.(context) === false) return { outcome: 'done' }
    const made = await makerOf(planned)
    if (await made?.isMade(planned, request)) {
      request.emit({ type: 'task.finished', task, verdict: 'met', took: 0 })
      return { outcome: 'done' }
    }
    const value = await doFunction({ request, task }, ({ machine: _, ...free }) =>
      planned.task.local?.({ ...context, ...free, hosts: request.hosts }),
    )
    if (request.mode === 'dry-run') return { outcome: 'done' }
    await made?.rememberMade(planned, request)
    handed.keep(planned, value)
    return { outcome: 'done' }
  } catch (error) {
    if (!isTasksError(error)) throw error
    tellLocalFailure(work, task, error)
    return { outcome: error.code === 'interrupted' ? 'interrupted' : 'failed', error }
  }
}

/** Loaded for those who make files of files alone. */
async function makerOf({ task: { inputs, outputs } }: PlannedTask) {
  return inputs && outputs ? await import('./made.ts') : undefined
}

function tellLocalFailure({ request }: Work, task: string, { code, message, hint, output }: TasksError): void {
  const more = { ...(hint !== undefined && { hint }), ...(output !== undefined && { output }) }
  request.emit({ type: 'run.failed', code, message, task, ...more })
}
