import type { Channel, Connection } from '../../src/core/connection.ts'

interface Cuts {
  /** Bytes that arrive here before the connection is cut. */
  readonly afterReceiving: number
}

/** Connections each of which is cut when so many bytes have come. */
export function cutting(connect: () => Promise<Connection>, { afterReceiving }: Cuts): () => Promise<Connection> {
  return async () => {
    const connection = await connect()
    return {
      ...connection,
      async open(command, options) {
        const channel = await connection.open(command, options)
        return { ...channel, stdout: upTo(channel, afterReceiving, () => connection.close()) }
      },
    }
  }
}

async function* upTo({ stdout }: Channel, bytes: number, cut: () => Promise<void>): AsyncGenerator<Uint8Array> {
  let left = bytes
  for await (const chunk of stdout) {
    yield chunk.subarray(0, left)
    left -= chunk.length
    if (left <= 0) break
  }
  if (left <= 0) await cut()
}
