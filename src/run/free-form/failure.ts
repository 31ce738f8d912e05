import type { ChannelEnd } from '../../core/connection.ts'
import { TasksError } from '../../core/errors.ts'

/** A command that has not come to what it should, and what can be told of it. */
export interface Failed {
  /** As people read it, masked. */
  readonly command: string
  /** `on "web1"` */
  readonly place: string
  /** Who ran it. */
  readonly user: string
  /** The last lines of what it said. */
  readonly output: string
}

export function endedBadly({ command, place, user, output }: Failed, end: ChannelEnd): TasksError {
  if (end.kind === 'lost') return lost({ command, place, user, output }, end.because)
  const how = end.kind === 'exited' ? `with exit code ${end.code}` : `by the signal ${end.signal}`
  return new TasksError({
    code: 'failed',
    message: `The command ${quoted(command)} ${place} ended ${how}.`,
    hint:
      end.kind === 'exited'
        ? exitHint(end.code, user)
        : 'ask who ended it: the kernel where memory is short, or a person',
    output,
  })
}

function exitHint(code: number, user: string): string {
  if (code === 127) return `install what it calls, or name it by its path: it is not in the PATH of ${user}`
  if (code === 126) return `make what it calls executable for ${user}`
  return `if that is no failure, allow it with ok: [0, ${code}]`
}

/** A lost connection is never success. */
function lost({ command, place, output }: Failed, because: string): TasksError {
  return new TasksError({
    code: 'unreachable',
    message: `Nobody knows how the command ${quoted(command)} ${place} ended, because ${because}.`,
    hint: 'look on the host what it came to before you run it again',
    output,
  })
}

/** `survived` is why it may still be running, where that is so. */
export function tookTooLong(
  { command, place, output }: Failed,
  seconds: number,
  survived: string | undefined,
): TasksError {
  const ended = survived === undefined ? 'was ended' : 'was given up, and may go on there'
  return new TasksError({
    code: 'failed',
    message: `The command ${quoted(command)} ${place} ${ended}, because it took longer than ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
    hint: survived === undefined ? 'give it more time with timeout' : `end it by hand: ${survived}`,
    output,
  })
}

export function wasInterrupted({ command, place, output }: Failed, survived: string | undefined): TasksError {
  const ended = survived === undefined ? 'was ended' : 'was given up, and may go on there'
  return new TasksError({
    code: 'interrupted',
    message: `The command ${quoted(command)} ${place} ${ended}, because the run was interrupted.`,
    hint: survived === undefined ? 'run the same command again' : `end it by hand: ${survived}`,
    output,
  })
}

export function notBegun(command: string, place: string): TasksError {
  return new TasksError({
    code: 'interrupted',
    message: `The command ${quoted(command)} ${place} was not begun, because the run was interrupted.`,
    hint: 'run the same command again',
  })
}

/** `pattern` is what was answered. */
export function notTaken(
  { command, place, output }: Failed,
  pattern: RegExp,
  survived: string | undefined,
): TasksError {
  return new TasksError({
    code: 'failed',
    message: `The command ${quoted(command)} ${place} did not take the answer to ${pattern}.`,
    hint: survived === undefined ? 'correct the answer' : `end it by hand: ${survived}`,
    output,
  })
}

/** `why` is the host's word for it. */
export function noFolder({ command, place, user }: Failed, folder: string, why: string): TasksError {
  const because = { none: 'there is no such folder', file: 'it is not a folder', closed: `${user} may not go there` }[
    why
  ]
  return new TasksError({
    code: 'failed',
    message: `Cannot run ${quoted(command)} ${place} in the folder ${JSON.stringify(folder)}, because ${because ?? 'it cannot be entered'}.`,
    hint: 'correct the folder, or make it before',
  })
}

/** Whole on one line, and not longer than a message bears. */
function quoted(command: string): string {
  const line = command.trim().replace(/\s*\n\s*/g, '; ')
  return `"${line.length > 200 ? `${line.slice(0, 199)}…` : line}"`
}
