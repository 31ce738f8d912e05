import { setMaxListeners } from 'node:events'
import type { Ask } from '../../core/ask.ts'
import type { Connection } from '../../core/connection.ts'
import type { Emit } from '../../core/event.ts'
import type { SudoPasswords } from '../sudo.ts'

/** Where commands are run, whose they are, and who hears of them. */
export interface Machine {
  /** The host's name; undefined for the person's own machine. */
  readonly host: string | undefined
  /** The task that runs them. */
  readonly task: string
  readonly connection: Connection
  readonly emit: Emit
  readonly ask: Pick<Ask, 'sudoPassword'>
  /** One for the whole run, so that a password is asked for once. */
  readonly passwords: SudoPasswords
  /** Called each time the host waits for the client. */
  readonly waited: () => void
  /** Whether no further command is begun. */
  readonly isStopped: () => boolean
  /** What runs is ended. */
  readonly kill: AbortSignal
  /** The task has ended: what it left open closes. */
  readonly ended: AbortSignal
  /** Values that no output may show; grows by the secrets that commands are given. */
  readonly hidden: Set<string>
  /** Users whom sudo makes of the login user without a question. */
  readonly unasked: Set<string>
  /** Counts the commands. */
  readonly next: () => number
}

/** Where it is, to follow what is said of a command: `on "web1"`. */
export function placeOf({ host }: Pick<Machine, 'host'>): string {
  return host === undefined ? 'on this machine' : `on "${host}"`
}

/** What a machine's maker knows of it; the rest begins empty. */
export type MachineParts = Pick<Machine, 'task' | 'connection' | 'emit' | 'isStopped' | 'kill'> &
  Partial<Pick<Machine, 'ask' | 'passwords' | 'waited' | 'ended'>> & {
    /** Values that no output may show, besides the secrets that commands are given. */
    readonly hidden?: readonly string[]
  }

export function machineOf(parts: MachineParts, host: string | undefined): Machine {
  let count = 0
  const { task, connection, emit, isStopped, kill } = parts
  const { ask = {}, passwords = new Map(), waited = () => {}, ended = new AbortController().signal } = parts
  // As many as there are commands and forwardings at the same time.
  setMaxListeners(0, kill, ended)
  return {
    ...{ host, task, connection, emit, isStopped, kill, passwords, waited, ended },
    ask: askingOnce(ask),
    hidden: new Set(parts.hidden),
    unasked: new Set(),
    next: () => ++count,
  }
}

/** Commands that run at the same time have one question between them. */
function askingOnce({ sudoPassword }: Machine['ask']): Machine['ask'] {
  if (sudoPassword === undefined) return {}
  let asking: Promise<string> | undefined
  return {
    sudoPassword(question) {
      asking ??= sudoPassword(question).finally(() => {
        asking = undefined
      })
      return asking
    },
  }
}
