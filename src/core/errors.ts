/** Exit codes of the command line, by the kind of failure. */
export type ErrorCode =
  /** Wrong usage or config: exit 2. */
  | 'usage'
  | 'config'
  /** A host could not be reached, or refused us: exit 4. */
  | 'unreachable'
  | 'refused'
  /** Somebody else holds the lock: exit 5. */
  | 'locked'
  /** The run failed: exit 1. */
  | 'failed'
  /** The person said stop: exit 130. */
  | 'interrupted'

/** What the command line ends with, by the kind of failure; 0 is success, 3 a dry run with changes. */
export const exitCodes: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  config: 2,
  unreachable: 4,
  refused: 4,
  locked: 5,
  failed: 1,
  interrupted: 130,
}

interface ErrorParts {
  readonly code: ErrorCode
  /** The sentence: what could not be done, to what, because what. Ends with a full stop. */
  readonly message: string
  /** One imperative: the command to type or the key to change. No full stop needed. */
  readonly hint?: string | undefined
  /** The last lines that a machine said, already masked. */
  readonly output?: string | undefined
  readonly cause?: unknown
}

const brand = Symbol.for('tasks-ssh.error')

/** A failure that a person is told about in full: one sentence, and one hint. */
export class TasksError extends Error {
  readonly [brand] = true
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly output: string | undefined

  constructor({ code, message, hint, output, cause }: ErrorParts) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'TasksError'
    this.code = code
    this.hint = hint
    this.output = output
  }
}

/** Tells our failures from bugs, also across two copies of this module (a config loader may load a second one). */
export function isTasksError(value: unknown): value is TasksError {
  return typeof value === 'object' && value !== null && brand in value
}
