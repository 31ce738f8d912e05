import { connect, createServer, type Socket } from 'node:net'

/** A line to one port: as slow as is wanted, and it counts what crosses it. */
export interface ProxyLine {
  readonly port: number
  counts(): Counts
  /** How many turns of the client's came after that moment, in milliseconds since 1970, and had an answer. */
  answeredAfter(moment: number): number
  close(): Promise<void>
}

export interface Counts {
  readonly connections: number
  /** How often bytes went up after bytes had come down, or at first: each is a time that the host may have waited for. */
  readonly turns: number
  readonly bytesUp: number
  readonly bytesDown: number
}

export interface Line {
  readonly host: string
  readonly port: number
  /** In milliseconds. Half of it each way; a new connection takes a whole one more, as TCP's handshake does. */
  readonly roundTrip: number
  /** Bytes a second, each way; as many as there are unless said. */
  readonly bandwidth?: number | undefined
}

interface Turn {
  readonly at: number
  isAnswered: boolean
}

/** Listens, on a free port of loopback unless said, and carries each connection to the line's other end. */
export async function startProxy(
  line: Line,
  { address, port } = { address: '127.0.0.1', port: 0 },
): Promise<ProxyLine> {
  const counts = { connections: 0, bytesUp: 0, bytesDown: 0 }
  const turns: Turn[] = []
  const open = new Set<Socket>()
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const host = connect({ host: line.host, port: line.port, noDelay: true, allowHalfOpen: true })
    for (const [socket, other] of [[client, host] as const, [host, client] as const]) {
      open.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => open.delete(socket))
    }
    const connected = performance.now() + line.roundTrip
    let turn: Turn | undefined
    counts.connections++
    carry(client, host, { line, from: connected }, (length) => {
      counts.bytesUp += length
      if (turn !== undefined && !turn.isAnswered) return
      turn = { at: Date.now(), isAnswered: false }
      turns.push(turn)
    })
    carry(host, client, { line, from: connected + line.roundTrip / 2 }, (length) => {
      counts.bytesDown += length
      if (turn !== undefined) turn.isAnswered = true
    })
  })
  await new Promise<void>((resolve) => server.listen(port, address, resolve))
  const listening = server.address()
  return {
    port: typeof listening === 'object' && listening !== null ? listening.port : 0,
    counts: () => ({ ...counts, turns: turns.length }),
    answeredAfter: (moment) => turns.filter(({ at, isAnswered }) => isAnswered && at > moment).length,
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Bytes arrive in order, each chunk half a round trip after it was sent, and none was sent before `from`. */
function carry(
  source: Socket,
  target: Socket,
  { line, from }: { readonly line: Line; readonly from: number },
  arrived: (length: number) => void,
): void {
  const underway: { readonly due: number; readonly chunk: Buffer | undefined }[] = []
  let free = from
  const send = (chunk: Buffer | undefined) => {
    free =
      Math.max(free, performance.now()) + ((chunk?.length ?? 0) * 1000) / (line.bandwidth ?? Number.POSITIVE_INFINITY)
    underway.push({ due: free + line.roundTrip / 2, chunk })
    if (underway.length === 1) wait()
  }
  const wait = () => {
    const left = (underway[0]?.due ?? 0) - performance.now()
    if (left <= 0) deliver()
    else setTimeout(deliver, Math.ceil(left))
  }
  const deliver = () => {
    for (let next = underway[0]; next !== undefined && next.due <= performance.now(); next = underway[0]) {
      underway.shift()
      if (next.chunk === undefined) target.end()
      else {
        arrived(next.chunk.length)
        target.write(next.chunk)
      }
    }
    if (underway.length > 0) wait()
  }
  source.on('data', (chunk: Buffer) => send(chunk))
  source.on('end', () => send(undefined))
}
