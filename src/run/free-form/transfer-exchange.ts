import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Channel } from '../../core/connection.ts'
import { TasksError } from '../../core/errors.ts'
import type { RunHead } from '../../program/bootstrap.ts'
import { type TransferOrder, transferProgram } from '../../program/transfer.ts'
import { deliver } from '../delivery.ts'
import { ReplyReader } from './reply-reader.ts'
import { localUser, type TransferPlace } from './transfer-place.ts'

/** A transfer that a host has agreed to, on a channel of its own. */
export interface Exchange {
  readonly channel: Channel
  readonly reader: ReplyReader
  /** What it said of the source that it will send: kind, mode, size. */
  readonly about: readonly string[]
  /** Aborted when the person wants an end, or the channel has come to one. */
  readonly over: AbortSignal
  /** Why the channel ended, where the host did not say it itself. */
  readonly whyEnded: () => Promise<string>
  /** Lets the channel go: what the host still sends, nobody wants. */
  readonly giveUp: () => void
}

/** What a host answers instead, by its word for it, and what a machine said of it. */
export interface Refusal {
  readonly kind: 'refused'
  readonly why: string
  readonly words: string
}

/** `lost`: before the host agreed. */
export type Opening = { readonly kind: 'agreed'; readonly exchange: Exchange } | Refusal | Lost
export interface Lost {
  readonly kind: 'lost'
  readonly because: string
}

/**
 * Sends the program of a transfer and waits until the host agrees. Nothing of the data may go before: sudo would read it as a password.
 * Rejects with a TasksError when the host refuses to run it, or the person wants an end.
 */
export async function openExchange(order: TransferOrder, place: TransferPlace): Promise<Opening> {
  const { host, connection, ask, passwords, waited, signal } = place
  if (signal.aborted) throw stopped(host)
  const head = headOf(order)
  const letGo = new AbortController()
  const program = transferProgram(order)
  const delivery = await deliver(connection, program, { host, head, ask, passwords, waited, signal: letGo.signal })
  const { channel } = delivery
  const reader = new ReplyReader(channel.stdout, head.marker)
  const giveUp = () => letGo.abort()
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    const reply = await Promise.race([reader.reply(), delivery.failed])
    if (signal.aborted) throw stopped(host)
    const whyEnded = () => delivery.whyEnded(reply !== undefined)
    if (reply === undefined) return { kind: 'lost', because: await whyEnded() }
    if (reply[0] !== 'ready') return { kind: 'refused', why: reply[1] ?? '', words: await reader.words() }
    const ended = new AbortController()
    void channel.ended.then(() => ended.abort())
    const over = AbortSignal.any([signal, ended.signal])
    return { kind: 'agreed', exchange: { channel, reader, about: reply.slice(1), over, whyEnded, giveUp } }
  } catch (error) {
    giveUp()
    throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

export function stopped(host: string): TasksError {
  return new TasksError({
    code: 'interrupted',
    message: `A transfer with "${host}" was interrupted, and changed nothing.`,
    hint: 'run the same command again',
  })
}

/** Nobody waits for a transfer, and it leaves nothing that could be told of it. */
function headOf({ verb }: TransferOrder): RunHead {
  const marker = `tasks-${randomBytes(16).toString('hex')}`
  const holder = { user: localUser(), machine: hostname(), since: new Date().toISOString(), task: verb }
  return { marker, run: verb, mode: 'run', wait: false, holder }
}
