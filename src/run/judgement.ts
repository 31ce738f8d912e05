import { TasksError } from '../core/errors.ts'
import type { Outcome } from '../core/outcome.ts'
import { placeWords } from './before.ts'
import type { Ending, Locked } from './conversation.ts'
import type { Failure } from './narrator.ts'

/** A run that has ended, as far as the judgement of it needs to know. */
interface Ended {
  readonly host: string
  readonly failure: Failure | undefined
  /** What to do when it is not finished: one imperative. */
  readonly again: string
  /** What to do when nobody knows how it ended. */
  readonly whenLost: string
}

export interface Judgement {
  readonly outcome: Outcome
  readonly error?: TasksError
}

/** What an ending comes to, and what a person is told of one that is not good. */
export function judge({ host, failure, again, whenLost }: Ended, ending: Ending): Judgement {
  if (ending.kind === 'lost') return { outcome: 'unknown', error: lost(host, ending.because, whenLost) }
  switch (ending.how) {
    case 'done':
      return { outcome: 'done' }
    case 'failed':
      return { outcome: 'failed', error: failed(host, failure) }
    case 'interrupted':
      return { outcome: 'interrupted', error: interrupted(host, again) }
    case 'locked':
      return { outcome: 'failed', error: locked(host, ending.lock) }
    case 'twice':
      return { outcome: 'failed', error: twice(host) }
    case 'unprepared':
      return { outcome: 'failed', error: unprepared(host) }
    case 'never':
    case 'lost':
      return { outcome: 'failed', error: neverStarted(host) }
    default:
      return { outcome: 'failed', error: died(host, again) }
  }
}

function failed(host: string, failure: Partial<Failure> = {}): TasksError {
  const { message = `Cannot finish on "${host}".`, hint, output } = failure
  return new TasksError({ code: 'failed', message, hint, output })
}

function interrupted(host: string, hint: string): TasksError {
  return new TasksError({ code: 'interrupted', message: `The run on "${host}" was interrupted.`, hint })
}

function neverStarted(host: string): TasksError {
  return new TasksError({
    code: 'unreachable',
    message: `Nothing was started on "${host}", because the connection was lost before the program was there whole.`,
    hint: 'run the same command again',
  })
}

function unprepared(host: string): TasksError {
  return new TasksError({
    code: 'failed',
    message: `Nothing was started on "${host}", because no folder for the run can be made there, in /run/tasks and /var/lib/tasks.`,
    hint: 'look for a full or read-only disk, on the host: df -h /run /var/lib',
  })
}

function twice(host: string): TasksError {
  return new TasksError({
    code: 'usage',
    message: `Nothing was started on "${host}", because this run is under way there already: another host of it is the same machine.`,
    hint: 'name each machine once, in --host and in the config',
  })
}

function died(host: string, hint: string): TasksError {
  return new TasksError({
    code: 'failed',
    message: `The run on "${host}" died in the middle, because the host restarted or the program was killed.`,
    hint,
  })
}

function lost(host: string, because: string, hint: string): TasksError {
  return new TasksError({
    code: 'unreachable',
    message: `Lost the connection to "${host}", because ${because}.`,
    hint,
  })
}

function locked(host: string, lock: Locked | undefined): TasksError {
  const { user = '?', machine = '?', since = '?', run = '?', site, place } = lock?.holder ?? {}
  const follow = `follow it with: tasks attach ${site === undefined ? `--host ${host}` : `--site ${site}`}`
  return new TasksError({
    code: 'locked',
    message: `Cannot begin on "${host}", because ${user} on ${machine} has held the lock "${lock?.lock ?? '?'}" since ${since} (run ${run}).`,
    hint: `${place ? `it is ${placeWords(place)}; ` : ''}${follow}; or add --wait`,
  })
}
