import type { Ask } from '../core/ask.ts'
import type { Counts } from '../core/counts.ts'
import type { TasksError } from '../core/errors.ts'
import type { Emit, Event, RunWire } from '../core/event.ts'
import type { Outcome } from '../core/outcome.ts'
import { EventLog } from './event-log.ts'

/**
 * A run that has begun. Iterating tells all of its events in order, from the first, however slowly and however often it is done; to break out of
 * that stops nothing. It throws what the run rejects with.
 */
export interface Run<R = unknown> extends AsyncIterable<Event> {
  /** What came of it. Rejects with a TasksError where it could not begin: bad usage, bad config. */
  readonly result: Promise<RunResult<R>>
  /** Stops after the step that is running, as Ctrl-C does. */
  stop(): void
  /** Ends the step that is running, too, as a second Ctrl-C does. */
  kill(): void
}

export interface RunResult<R = unknown> {
  /** The run's id, as its hosts remember it. */
  readonly run: string
  readonly outcome: Outcome
  /** As the command line ends with: 0 done, 1 failed, 4 unreachable or refused, 5 locked, 130 interrupted; 2 for bad usage or config. */
  readonly exitCode: number
  readonly counts: Counts
  /** Functions that a dry run has not looked at, and the run would do. */
  readonly wouldRun: number
  readonly wire: RunWire
  /** What came of each host, in the order in which they ended. */
  readonly hosts: readonly {
    readonly host: string
    readonly outcome: Outcome
    readonly counts: Counts
    /** Why it did not do well. */
    readonly error?: TasksError | undefined
  }[]
  /** What the functions of the tasks that were asked for have returned: on each host, or on this machine, where none is named. */
  readonly returned: readonly Returned<R>[]
}

export interface Returned<R> {
  readonly task: string
  readonly host?: string
  readonly value: R
}

/** Who is told of a run, and when it is to end. */
export interface Listening {
  readonly emit: Emit
  readonly stop: AbortSignal
  readonly kill: AbortSignal
}

interface Ends {
  readonly ask?: Ask
  readonly signal?: AbortSignal
}

/** Begins work, and gives it as a run. What nobody looks at is not lost: then Node tells of the rejection. */
export function running<R>({ signal }: Ends, work: (listening: Listening) => Promise<RunResult<R>>): Run<R> {
  const [stop, kill] = [new AbortController(), new AbortController()]
  const log = new EventLog()
  const listening = {
    emit: log.take,
    stop: AbortSignal.any([stop.signal, kill.signal, ...(signal ? [signal] : [])]),
    kill: kill.signal,
  }
  const doing = work(listening)
  log.endWith(doing)
  const result = doing.then((came) => came) // one of its own: that the log has heard of a rejection is no reason to be silent
  return {
    result,
    stop: () => stop.abort(),
    kill: () => kill.abort(),
    [Symbol.asyncIterator]() {
      result.catch(() => undefined) // told to whoever iterates
      return log.read()
    },
  }
}
