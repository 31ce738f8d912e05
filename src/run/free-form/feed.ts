import type { Channel } from '../../core/connection.ts'
import { isSecret, type Order } from './order.ts'

/** Whether what it reads must wait until it has begun: what is typed, and what may be there only once. */
export function isFedLate({ pty, options: { input } }: Pick<Order, 'pty' | 'options'>): boolean {
  return pty !== undefined || isStream(input)
}

/** Gives a command what it reads, and closes its input unless answers are to come. Rejects where a stream does. */
export async function feed(channel: Channel, { pty, options: { input, watch = [] } }: Order): Promise<void> {
  let isOver = false
  void channel.ended.then(() => {
    isOver = true
  })
  let last: number | undefined
  for await (const chunk of isStream(input) ? input : [bytesOf(input)]) {
    if (isOver) return
    const bytes = Buffer.from(chunk)
    await channel.write(bytes)
    last = bytes.at(-1) ?? last
  }
  if (watch.length > 0) return
  if (pty) await channel.write(last === undefined || last === lineFeed ? endOfInput : endOfInput.repeat(2))
  else channel.end()
}

/** As it is typed: the first time in a line it only sends off what stands there. */
const endOfInput = '\x04'
const lineFeed = 10

function isStream(input: Order['options']['input']): input is AsyncIterable<Uint8Array> {
  return typeof input === 'object' && Symbol.asyncIterator in input
}

function bytesOf(input: Exclude<Order['options']['input'], AsyncIterable<Uint8Array>>): Uint8Array {
  if (input === undefined) return new Uint8Array()
  if (isSecret(input)) return input.bytes
  return typeof input === 'string' ? new TextEncoder().encode(input) : (input as Uint8Array)
}
