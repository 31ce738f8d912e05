import { exitCodes, isTasksError } from '../core/errors.ts'
import { printable } from '../render/printable.ts'

/** How the program ends: what is still to be printed, and with what it exits. */
export interface Ending {
  readonly exitCode: number
  /** What was asked for. */
  readonly out?: string
  /** What went wrong. */
  readonly err?: string
}

/** What was asked for. What a project's modules have put into it cannot repaint the terminal. */
export function shown(out: string): Ending {
  return { exitCode: 0, out: printable(out) }
}

/** What a person is told of a failure; of a bug, where it is in the code. */
export function endingOf(error: unknown): Ending {
  if (!isTasksError(error)) return { exitCode: 1, err: printable(`This is a bug in tasks: ${bugWords(error)}\n`) }
  const said = error.output === undefined ? '' : `${indented(error.output)}\n`
  const hint = error.hint === undefined ? '' : `hint: ${error.hint}\n`
  // A name in it may be somebody else's: it may be endless, and have in it what would repaint the terminal.
  return { exitCode: exitCodes[error.code], err: clipped(printable(`${error.message}\n${said}${hint}`)) }
}

/** The ends of a line say what it is about. */
function clipped(text: string): string {
  return text.replace(/^(.{300}).{1400,}(.{300})$/gm, '$1 […] $2')
}

function bugWords(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}
