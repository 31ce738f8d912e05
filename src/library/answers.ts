import type { Ask } from '../core/ask.ts'
import { isTasksError, TasksError } from '../core/errors.ts'

type Answer = (...question: readonly unknown[]) => Promise<unknown>

/**
 * A program's answers, as a run can rely on them: what throws fails what asked, and a question that is open when the run is to stop is given
 * up. One that has no answer is absent, as it was.
 */
export function answering(ask: Ask, stop: AbortSignal): Ask {
  const answers = Object.entries(ask) as readonly (readonly [string, Answer | undefined])[]
  const safe = answers.flatMap(([kind, answer]) => (answer ? [[kind, reliable(kind, answer.bind(ask), stop)]] : []))
  return Object.fromEntries(safe) as Ask // the same questions, with the same answers
}

function reliable(kind: string, answer: Answer, stop: AbortSignal): Answer {
  return async (...question) => {
    const { givenUp, letGo } = givenUpWith(stop)
    try {
      return await Promise.race([(async () => answer(...question))(), givenUp])
    } catch (error) {
      throw isTasksError(error) ? error : unanswered(kind, error)
    } finally {
      letGo()
    }
  }
}

function givenUpWith(stop: AbortSignal) {
  let letGo = (): void => undefined
  const givenUp = new Promise<never>((_, reject) => {
    const leave = () => reject(stoppedAsking())
    if (stop.aborted) leave()
    stop.addEventListener('abort', leave)
    letGo = () => stop.removeEventListener('abort', leave)
  })
  givenUp.catch(() => undefined)
  return { givenUp, letGo }
}

function stoppedAsking(): TasksError {
  return new TasksError({ code: 'interrupted', message: 'Stopped at a question.' })
}

function unanswered(kind: string, cause: unknown): TasksError {
  const because = cause instanceof Error ? cause.message : String(cause)
  return new TasksError({
    code: 'failed',
    message: `Cannot go on without an answer, because ask.${kind} threw: ${because.split('\n')[0]?.replace(/\.$/, '')}.`,
    cause,
  })
}
