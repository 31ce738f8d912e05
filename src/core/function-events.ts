import type { Outcome } from './outcome.ts'

/** A task that is a function begins: on a host, or on the person's own machine where none is named. */
export interface TaskStarted {
  readonly type: 'task.started'
  readonly task: string
  readonly host?: string
}

/**
 * What a function came to. `would run`: a dry run cannot look at it, and does not run it. `met`: what it makes is there, made of the same.
 */
export interface TaskFinished {
  readonly type: 'task.finished'
  readonly task: string
  readonly host?: string
  readonly verdict: 'done' | 'met' | 'would run' | 'skipped' | 'failed'
  /** Milliseconds. */
  readonly took: number
}

interface OfCommand {
  /** Absent for a command on the person's own machine. */
  readonly host?: string
  readonly task: string
  /** Tells the commands of one host and task apart: they are counted from 1. */
  readonly number: number
  /** As people read it, masked. */
  readonly command: string
}

/** A free-form task runs a command. */
export interface CommandStarted extends OfCommand {
  readonly type: 'command.started'
  /** Who runs it, where that is not the login user. */
  readonly as?: string
}

/** What the command said, in whole lines as they came, unless it was hidden. Masked. */
export interface CommandOutput extends OfCommand {
  readonly type: 'command.output'
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
  /** It is what the person asked for, and not a sign of progress. */
  readonly isAnswer?: true
}

export interface CommandFinished extends OfCommand {
  readonly type: 'command.finished'
  /** `unknown`: the connection was lost, and nobody knows how it ended. */
  readonly outcome: Outcome
  /** Absent where it has none: it did not begin, or nobody knows. */
  readonly exitCode?: number
  /** Milliseconds. */
  readonly took: number
}

interface OfTransfer {
  readonly host: string
  /** Unique in the run. */
  readonly transfer: string
}

/** A file or a folder is on its way to a host, or from it. */
export interface TransferStarted extends OfTransfer {
  readonly type: 'transfer.started'
  readonly direction: 'put' | 'get' | 'read'
  /** A path, or `stream` for what comes from no file. */
  readonly source: string
  /** Absent with `read`. */
  readonly target?: string
  /** What its files hold, where that is known before. */
  readonly total?: number
}

/** So much of it has passed: told for each hundredth, and no more often than for each mebibyte. */
export interface TransferProgressed extends OfTransfer {
  readonly type: 'transfer.progressed'
  readonly bytes: number
}

/** `failed`: the target is as it was; `unknown`: it is as it was, or all there. Why is told by what failed for it. */
export interface TransferFinished extends OfTransfer {
  readonly type: 'transfer.finished'
  readonly outcome: Outcome
  readonly files: number
  readonly bytes: number
  /** Milliseconds. */
  readonly took: number
}
