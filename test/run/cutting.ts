import type { Channel, Connection } from '../../src/core/connection.ts'

/** Where a connection is cut: after so many bytes of its channel in one direction. */
export interface Cut {
  readonly direction: 'sent' | 'received'
  readonly bytes: number
}

/** Connections the first of which are cut, each where it is said; later ones are whole. */
export function cutting(connect: () => Promise<Connection>, cuts: readonly Cut[]): () => Promise<Connection> {
  const left = [...cuts]
  return async () => {
    const connection = await connect()
    const cut = left.shift()
    if (!cut) return connection
    return {
      ...connection,
      async open(command, options) {
        const channel = await connection.open(command, options)
        const sever = () => connection.close()
        return cut.direction === 'sent'
          ? { ...channel, write: sendingUpTo(channel, cut.bytes, sever) }
          : { ...channel, stdout: receivedUpTo(channel, cut.bytes, sever) }
      },
    }
  }
}

function sendingUpTo(channel: Channel, bytes: number, sever: () => Promise<void>): Channel['write'] {
  let left = bytes
  return async (data) => {
    const whole = Buffer.from(data)
    if (left > 0) await channel.write(whole.subarray(0, left))
    left -= whole.length
    if (left <= 0) await sever()
  }
}

async function* receivedUpTo(
  { stdout }: Channel,
  bytes: number,
  sever: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  let left = bytes
  for await (const chunk of stdout) {
    if (left > 0) yield chunk.subarray(0, left)
    left -= chunk.length
    if (left <= 0) break
  }
  if (left <= 0) await sever()
}
