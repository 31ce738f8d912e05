import { exitCodes, isTasksError } from '../core/errors.ts'

/** How the program ends: what is still to be printed, and with what it exits. */
export interface Ending {
  readonly exitCode: number
  /** What was asked for. */
  readonly out?: string
  /** What went wrong. */
  readonly err?: string
}

/** What a person is told of a failure; of a bug, where it is in the code. */
export function endingOf(error: unknown): Ending {
  if (!isTasksError(error)) return { exitCode: 1, err: `This is a bug in tasks: ${bugWords(error)}\n` }
  const said = error.output === undefined ? '' : `${indented(error.output)}\n`
  const hint = error.hint === undefined ? '' : `hint: ${error.hint}\n`
  return { exitCode: exitCodes[error.code], err: `${error.message}\n${said}${hint}` }
}

function bugWords(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}
