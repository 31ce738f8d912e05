import { Readable, Writable } from 'node:stream'
import type { ChannelEnd } from '../../core/connection.ts'
import type { Session } from '../link.ts'
import type { Field, Fields } from './packets.ts'

/** The messages of one channel, RFC 4254, that are spoken here. */
export const kinds = {
  open: 90,
  opened: 91,
  refused: 92,
  adjust: 93,
  data: 94,
  extended: 95,
  eof: 96,
  close: 97,
  request: 98,
  success: 99,
  failure: 100,
} as const

/** How many bytes the host may send before somebody has read. */
export const ourWindow = 2 << 20

interface Parts {
  /** What the host said when it opened the channel. */
  readonly window: number
  readonly packet: number
  /** Sends a message about this channel. */
  readonly send: (kind: number, ...fields: readonly Field[]) => void
}

/** A session, and the way into it for what the host says about it. */
export interface MuxSession extends Session {
  take(kind: number, fields: Fields): void
  /** Nothing more comes. */
  cut(): void
}

/** One channel's state: both windows, both outputs, and how it ends. */
export function muxSession({ window, packet, send }: Parts): MuxSession {
  const stdin = outflow({ window, packet, send })
  let allowed = ourWindow
  let consumed = 0
  const onRead = (count: number) => {
    consumed += count
    if (consumed < ourWindow / 2 || isOver) return
    send(kinds.adjust, consumed)
    allowed += consumed
    consumed = 0
  }
  const received = (bytes: Buffer) => {
    allowed -= bytes.length
    if (allowed < 0) throw new RangeError('the host sends more than it may')
    return bytes
  }
  const stdout = inflow(onRead)
  const stderr = inflow(onRead)
  let end: ChannelEnd | undefined
  let isOver = false
  let hasSaidClose = false
  let finish = () => {}
  const closed = new Promise<void>((resolve) => {
    finish = resolve
  })
  const sayClose = () => {
    if (!hasSaidClose) send(kinds.close)
    hasSaidClose = true
  }
  const cut = () => {
    isOver = true
    stdin.letGo()
    stdout.end()
    stderr.end()
  }
  return {
    stdin: stdin.stream,
    stdout: stdout.stream,
    stderr: stderr.stream,
    end: () => end,
    closed,
    close: sayClose,
    cut,
    take(kind, fields) {
      if (kind === kinds.adjust) stdin.widen(fields.number())
      else if (kind === kinds.data) stdout.take(received(fields.bytes()))
      else if (kind === kinds.extended) (fields.number() === 1 ? stderr : stdout).take(received(fields.bytes()))
      else if (kind === kinds.eof) for (const output of [stdout, stderr]) output.end()
      else if (kind === kinds.request) {
        const name = fields.text()
        const wantsReply = fields.flag()
        if (name === 'exit-status') end = { kind: 'exited', code: fields.number() }
        else if (name === 'exit-signal') end = { kind: 'signalled', signal: `SIG${fields.text()}` }
        // The command has closed its input: OpenSSH's own extension
        else if (name === 'eow@openssh.com') stdin.letGo()
        else if (wantsReply) send(kinds.failure)
      } else if (kind === kinds.close) {
        sayClose()
        cut()
        finish()
      }
    },
  }
}

/** What goes to the command, as far as the host has room. */
function outflow({ window, packet, send }: Parts) {
  let room = window
  let isDeaf = false
  let waiting: { rest: Buffer; readonly done: () => void } | undefined
  const pump = () => {
    while (waiting && waiting.rest.length > 0 && room > 0 && packet > 0 && !isDeaf) {
      const piece = waiting.rest.subarray(0, Math.min(room, packet))
      room -= piece.length
      waiting.rest = waiting.rest.subarray(piece.length)
      send(kinds.data, piece.length, piece)
    }
    if (!waiting || (waiting.rest.length > 0 && !isDeaf)) return
    const { done } = waiting
    waiting = undefined
    done()
  }
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      waiting = { rest: chunk, done }
      pump()
    },
    final(done) {
      if (!isDeaf) send(kinds.eof)
      done()
    },
  })
  return {
    stream,
    widen(count: number) {
      room += count
      pump()
    },
    letGo() {
      isDeaf = true
      pump()
    },
  }
}

/** What the command says; `onRead` is told how much of it has found a reader. */
function inflow(onRead: (count: number) => void) {
  const chunks: Buffer[] = []
  let isWanted = false
  let isEnded = false
  const stream = new Readable({
    read() {
      isWanted = true
      pass()
    },
  })
  function pass(): void {
    while (isWanted) {
      const chunk = chunks.shift()
      if (chunk === undefined) break
      isWanted = stream.push(chunk)
      onRead(chunk.length)
    }
    if (isEnded && chunks.length === 0 && isWanted) {
      isWanted = false
      stream.push(null)
    }
  }
  return {
    stream,
    take(chunk: Buffer) {
      if (chunk.length > 0 && !isEnded) chunks.push(chunk)
      pass()
    },
    end() {
      isEnded = true
      pass()
    },
  }
}
