import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { Endpoint, Window } from '../../core/connection.ts'
import type { Opened } from '../link.ts'
import { whyRefused } from '../port-refusal.ts'
import { ptyFields } from '../terminal.ts'
import { type Field, type Fields, fieldsOf, framed, message, unframing } from './packets.ts'
import { kinds, type MuxSession, muxSession, ourWindow } from './session.ts'

/** Sessions of a connection that a master of the system's `ssh` holds. */
export interface Mux {
  exec(command: string, pty?: Window): Promise<Opened>
  /** Connects to a place as the host sees it. */
  dial(there: Endpoint): Promise<Duplex>
  /** What has crossed the master's socket: every byte of the sessions, and a little around them. */
  bytes(): { readonly sent: number; readonly received: number }
  close(): void
}

/**
 * Speaks with a master in its "proxy mode" (OpenSSH's PROTOCOL.mux, since 7.4): SSH's own messages about channels, as they are,
 * over the master's socket. So one `ssh` process serves every command, and the end of each is known as exactly as by a library.
 */
export async function openMux(path: string): Promise<Mux> {
  const socket = connect(path)
  await once(socket, 'connect')
  // What a broken socket means is told by the master's end
  socket.on('error', () => {})
  const channels = new Channels(socket)
  const read = unframing()
  let hear = (_body: Buffer) => {}
  const isLent = new Promise<boolean>((resolve) => {
    hear = (body) => {
      const kind = body.readUInt32BE(0)
      if (kind === proxyGranted) hear = (later) => channels.hear(later)
      if (kind !== hello) resolve(kind === proxyGranted)
    }
    socket.once('close', () => resolve(false))
  })
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const body of read(chunk)) hear(body)
    } catch {
      // The master passes on what the host says about channels, unread
      socket.destroy()
    }
  })
  socket.write(Buffer.concat([framed(message(hello, protocolVersion)), framed(message(proxyWanted, 0))]))
  if (!(await isLent)) {
    socket.destroy()
    throw new Error('ssh does not lend its connection')
  }
  return {
    exec: (command, pty) => channels.exec(command, pty),
    dial: (there) => channels.dial(there),
    bytes: () => ({ sent: socket.bytesWritten, received: socket.bytesRead }),
    close: () => void socket.destroy(),
  }
}

const hello = 1
const protocolVersion = 4
const proxyWanted = 0x1000000f
const proxyGranted = 0x8000000f
/** The reason that sshd gives beyond MaxSessions. */
const openFailed = 2

interface Opening {
  /** What is asked of a session once it is open, each to be granted. */
  readonly requests: readonly (readonly Field[])[]
  readonly settle: (opened: Opened) => void
  /** The reason of a refusal in words. */
  readonly why: (reason: number, words: string) => string
  granted: number
  session?: MuxSession
}

class Channels {
  readonly #socket: Socket
  #all = new Map<number, Opening>()
  #count = 0
  #isGone = false

  constructor(socket: Socket) {
    this.#socket = socket
    socket.once('close', () => this.#lose())
  }

  exec(command: string, pty?: Window): Promise<Opened> {
    const terminal = pty ? [['pty-req', Buffer.of(1), ...ptyFields(pty)]] : []
    const requests = [...terminal, ['exec', Buffer.of(1), command]]
    return this.#open(['session'], { requests, why: (_, words) => words || 'open failed' })
  }

  async dial(there: Endpoint): Promise<Duplex> {
    const [kind, ...fields] =
      'path' in there
        ? (['direct-streamlocal@openssh.com', there.path, '', 0] as const)
        : (['direct-tcpip', there.host, there.port, '127.0.0.1', 0] as const)
    const opened = await this.#open([kind, ...fields], { requests: [], why: whyRefused })
    if ('error' in opened) throw opened.error
    const { session } = opened
    const stream = Duplex.from({ readable: session.stdout, writable: session.stdin })
    return stream.once('close', () => session.close())
  }

  #open([kind = '', ...fields]: readonly Field[], parts: Pick<Opening, 'requests' | 'why'>): Promise<Opened> {
    return new Promise((settle) => {
      this.#all.set(this.#count, { ...parts, settle, granted: 0 })
      if (this.#isGone) this.#lose()
      else this.#send(kinds.open, kind, this.#count++, ourWindow, largestPacket, ...fields)
    })
  }

  hear(body: Buffer): void {
    const kind = body.readUInt8(1)
    // What is not about a channel is between the host and the master
    if (kind < kinds.opened || kind > kinds.failure) return
    const fields = fieldsOf(body, 2)
    const id = fields.number()
    const channel = this.#all.get(id)
    if (!channel) return
    const { session, settle } = channel
    if (kind === kinds.opened) {
      if (!session) this.#begin(channel, fields)
    } else if (kind === kinds.refused) {
      const reason = fields.number()
      settle({ error: new Error(channel.why(reason, fields.text())), isFull: reason === openFailed })
    } else if (kind === kinds.success && session) {
      channel.granted += 1
      if (channel.granted === channel.requests.length) settle({ session })
    } else if (kind === kinds.failure) {
      const [name] = channel.requests[channel.granted] ?? []
      settle({ error: new Error(name === 'pty-req' ? 'it gives no terminal' : 'it runs no commands'), isFull: false })
      session?.close()
    } else session?.take(kind, fields)
    if (kind !== kinds.refused && kind !== kinds.close) return
    this.#all.delete(id)
    settle({ error: new Error('it closed the session at once'), isFull: false })
  }

  #begin(channel: Opening, fields: Fields): void {
    const remote = fields.number()
    const send = (kind: number, ...more: readonly Field[]) => this.#send(kind, remote, ...more)
    channel.session = muxSession({ window: fields.number(), packet: fields.number(), send })
    for (const request of channel.requests) send(kinds.request, ...request)
    if (channel.requests.length === 0) channel.settle({ session: channel.session })
  }

  #send(kind: number, ...fields: readonly Field[]): void {
    if (!this.#isGone) this.#socket.write(framed(Buffer.concat([Buffer.of(0, kind), message(...fields)])))
  }

  #lose(): void {
    this.#isGone = true
    for (const { settle, session } of this.#all.values()) {
      settle({ error: new Error('the connection is gone'), isFull: false })
      session?.cut()
    }
    this.#all.clear()
  }
}

const largestPacket = 32_768
