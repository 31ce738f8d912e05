import { TasksError } from '../core/errors.ts'
import type { Outcome } from '../core/event.ts'
import type { RunHead } from '../program/bootstrap.ts'
import type { Conversation, Ending } from './conversation.ts'
import type { Failure } from './narrator.ts'

/** What an ending comes to, and what a person is told of one that is not good. */
export function judge(
  { host, narrator, head }: Conversation,
  ending: Ending,
): { readonly outcome: Outcome; readonly error?: TasksError } {
  if (ending.kind === 'lost') return { outcome: 'unknown', error: lost(ending, host, head) }
  switch (ending.how) {
    case 'done':
      return { outcome: 'done' }
    case 'failed':
      return { outcome: 'failed', error: failed(host, narrator.failure) }
    case 'interrupted':
      return { outcome: 'interrupted', error: interrupted(host) }
    case 'locked':
      return { outcome: 'failed', error: locked(host, ending.holder) }
    case 'unprepared':
      return { outcome: 'failed', error: unprepared(host) }
    case 'never':
      return { outcome: 'failed', error: neverStarted(host) }
    default:
      return { outcome: 'failed', error: died(host) }
  }
}

function failed(host: string, failure: Partial<Failure> = {}): TasksError {
  const { message = `Cannot finish on "${host}".`, hint, output } = failure
  return new TasksError({ code: 'failed', message, hint, output })
}

function interrupted(host: string): TasksError {
  return new TasksError({
    code: 'interrupted',
    message: `The run on "${host}" was interrupted.`,
    hint: 'run the same command again: it goes on from there',
  })
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

function died(host: string): TasksError {
  return new TasksError({
    code: 'failed',
    message: `The run on "${host}" died in the middle, because the host restarted or the program was killed.`,
    hint: 'run the same command again: it goes on from there',
  })
}

function lost(
  { because, hasBegun }: Extract<Ending, { kind: 'lost' }>,
  host: string,
  { run, mode }: RunHead,
): TasksError {
  const goesOn = hasBegun && mode !== 'dry-run'
  return new TasksError({
    code: 'unreachable',
    message: `Lost the connection to "${host}", because ${because}.`,
    hint: goesOn
      ? `the run goes on there; its journal is /var/lib/tasks/runs/${run}/journal`
      : 'run the same command again',
  })
}

function locked(host: string, holder: readonly string[] = []): TasksError {
  const [lock = '?', user = '?', machine = '?', since = '?', run = '?'] = holder
  return new TasksError({
    code: 'locked',
    message: `Cannot begin on "${host}", because ${user} on ${machine} has held the lock "${lock}" since ${since} (run ${run}).`,
    hint: 'try again when that run has ended, or add --wait',
  })
}
