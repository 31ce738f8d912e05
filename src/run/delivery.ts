import type { Channel, ChannelEnd, Connection } from '../core/connection.ts'
import { bootstrapCommand, bootstrapInput, type RunHead } from '../program/bootstrap.ts'
import type { Program } from '../program/program.ts'
import { refusalOf } from './bootstrap-failure.ts'
import { type Answerer, listenToNoise } from './sudo.ts'

/** Whose program it is, and who answers while it is on its way. */
export interface Sender extends Answerer {
  readonly head: RunHead
  /** Gives the channel up. */
  readonly signal?: AbortSignal
}

/** A program that a host has been sent, and the channel on which it speaks. */
export interface Delivery {
  readonly channel: Channel
  /** Rejects when a question of the host could not be answered, or the program not be sent; never resolves. */
  readonly failed: Promise<never>
  /**
   * Why the channel ended before the program's last word: `lost` when the connection was, or when the program had begun. Rejects with a
   * TasksError when the host refused to run it.
   */
  readonly whyEnded: (hasBegun: boolean) => Promise<string>
}

/** Sends a program over a connection; sudo's question for a password is answered on the way. */
export async function deliver(connection: Connection, program: Program, sender: Sender): Promise<Delivery> {
  const { signal } = sender
  const channel = await connection.open(bootstrapCommand, { ...(signal && { signal }) })
  const noise = listenToNoise(channel, sender, connection.user)
  sender.waited()
  const sent = channel.write(bootstrapInput(program, sender.head))
  const failed = Promise.all([noise, sent]).then(() => never)
  failed.catch(() => {})
  return {
    channel,
    failed,
    async whyEnded(hasBegun) {
      const end = await channel.ended
      if (end.kind === 'lost' || hasBegun) return lossOf(end)
      throw refusalOf({ host: sender.host, user: connection.user, end, ...(await noise) })
    },
  }
}

const never = new Promise<never>(() => {})

function lossOf(end: ChannelEnd): string {
  if (end.kind === 'lost') return end.because
  return end.kind === 'exited'
    ? `the session ended early with exit code ${end.code}`
    : `the session was ended by ${end.signal}`
}
