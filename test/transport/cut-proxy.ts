import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Bytes after which a TCP connection is cut, in one direction. */
export interface TcpCut {
  readonly direction: 'sent' | 'received'
  readonly bytes: number
}

export interface CutProxy {
  readonly port: number
  /** Cuts the next connection there; later ones are whole. */
  cutNext(cut: TcpCut): void
  /** What the last connection carried. */
  last(): { readonly sent: number; readonly received: number }
  close(): Promise<void>
}

/** Passes connections on to a port of this machine, and cuts them where it is told to: both ends see a reset, as after a crash. */
export async function startCutProxy(target: number): Promise<CutProxy> {
  let next: TcpCut | undefined
  let counts = { sent: 0, received: 0 }
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const cut = next
    next = undefined
    const own = { sent: 0, received: 0 }
    counts = own
    const host = connect(target, '127.0.0.1')
    const sever = () => {
      client.resetAndDestroy()
      host.resetAndDestroy()
    }
    for (const [from, to, direction] of [
      [client, host, 'sent'],
      [host, client, 'received'],
    ] as const) {
      sockets.add(from)
      from.on('error', () => {})
      from.once('close', () => {
        sockets.delete(from)
        to.end()
      })
      from.on('data', (chunk: Buffer) => {
        const room = cut?.direction === direction ? cut.bytes - own[direction] : Number.POSITIVE_INFINITY
        own[direction] += chunk.length
        if (chunk.length < room) to.write(chunk)
        else if (room > 0) to.write(chunk.subarray(0, room), sever)
        else sever()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    cutNext(cut) {
      next = cut
    },
    last: () => counts,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
