import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { openMux } from '../../src/transport/openssh/mux.ts'
import { type Field, fieldsOf, framed, message, unframing } from '../../src/transport/openssh/packets.ts'

const folder = mkdtempSync(join(tmpdir(), 'tasks-mux-'))
const socketPath = join(folder, 'm')
let server: Server | undefined
const clients = new Set<Socket>()
afterEach(async () => {
  for (const client of clients) client.destroy()
  clients.clear()
  if (server?.listening) await new Promise((resolve) => server?.close(resolve))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const greeting = framed(message(1, 4))
const granted = framed(message(0x8000000f, 0))
const said = (kind: number, ...rest: readonly Field[]) => framed(message(Buffer.of(0, kind), ...rest))
/** Opens our first channel, with room for a mebibyte. */
const opened = said(91, 0, 42, 1 << 20, 32_768)
const success = said(99, 0)

/** A master that greets, and then says what it is told to; `heard` is what came after the greeting. */
async function masterThat(...says: readonly Uint8Array[]): Promise<{ readonly socket: Promise<Socket> }> {
  let meet: (socket: Socket) => void
  const socket = new Promise<Socket>((resolve) => (meet = resolve))
  server = createServer((client) => {
    client.on('error', () => {})
    clients.add(client)
    client.resume()
    meet(client)
    for (const bytes of says) client.write(bytes)
  })
  await new Promise<void>((resolve) => server?.listen(socketPath, resolve))
  return { socket }
}

describe('a stream of messages', () => {
  it('gives each whole, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.array(fc.nat(30)), (bodies, cuts) => {
        const stream = Buffer.concat(bodies.map(framed))
        const read = unframing()
        const found: Buffer[] = []
        let at = 0
        for (const cut of [...cuts, stream.length]) {
          found.push(...read(stream.subarray(at, at + cut)))
          at += cut
        }
        expect(found.map((body) => [...body])).toEqual(bodies.map((body) => [...body]))
      }),
    )
  })

  it('is refused where a message would be too long to hold', () => {
    expect(() => unframing()(Buffer.from([0x7f, 0xff, 0xff, 0xff]))).toThrow(RangeError)
  })

  it('gives the fields that were put into it', () => {
    const fields = fieldsOf(message('bücher', 7, Buffer.of(1), 'end'), 0)
    expect([fields.text(), fields.number(), fields.flag(), fields.text()]).toEqual(['bücher', 7, true, 'end'])
    expect(() => fields.text()).toThrow(RangeError)
  })
})

describe('a master of ssh', () => {
  it('that does not lend its connection is told', async () => {
    await masterThat(greeting, framed(message(0x80000003, 0, 'unsupported')))
    await expect(openMux(socketPath)).rejects.toThrow('ssh does not lend its connection')
  })

  it('that goes away ends what was being opened', async () => {
    const { socket } = await masterThat(greeting, granted)
    const mux = await openMux(socketPath)
    const opening = mux.exec('true')
    ;(await socket).destroy()
    expect(await opening).toMatchObject({ error: new Error('the connection is gone'), isFull: false })
    expect(await mux.exec('true')).toMatchObject({ isFull: false })
  })

  it('passes on that a host opens no more sessions', async () => {
    const { socket } = await masterThat(greeting, granted)
    const opening = (await openMux(socketPath)).exec('true')
    ;(await socket).end(said(92, 0, 2, 'open failed', ''))
    expect(await opening).toMatchObject({
      error: new Error('open failed'),
      isFull: true,
    })
  })

  it.each([
    ['a message that ends within a field', said(98, 0, 1000)],
    ['more than it may', Buffer.concat(Array.from({ length: 70 }, () => said(94, 0, 'x'.repeat(32_768))))],
    ['a message that is too long', Buffer.from([0x7f, 0xff, 0xff, 0xff])],
    ['an empty message', framed(Buffer.alloc(0))],
  ])('that passes on %s from a hostile host is left, and nothing else happens', async (_, bytes) => {
    const { socket } = await masterThat(greeting, granted)
    const mux = await openMux(socketPath)
    const opening = mux.exec('true')
    ;(await socket).write(Buffer.concat([opened, success]))
    const channel = await opening
    if (!('session' in channel)) throw channel.error
    const left = socket.then((client) => new Promise((resolve) => client.once('close', resolve)))
    ;(await socket).write(bytes)
    await left
    expect(await mux.exec('true')).toMatchObject({ error: new Error('the connection is gone') })
  })

  it('is heard without harm, whatever it says', async () => {
    const kinds = fc.constantFrom(91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 80, 2)
    const messages = fc.array(fc.tuple(kinds, fc.constantFrom(0, 1, 7), fc.uint8Array({ maxLength: 60 })), {
      maxLength: 20,
    })
    await fc.assert(
      fc.asyncProperty(messages, async (all) => {
        const { socket } = await masterThat(greeting, granted)
        const mux = await openMux(socketPath)
        const opening = [mux.exec('true'), mux.exec('true')]
        const client = await socket
        for (const [kind, id, rest] of all) client.write(said(kind, id, rest))
        client.end()
        for (const outcome of await Promise.all(opening)) {
          if (!('session' in outcome)) continue
          for await (const _ of outcome.session.stdout) expect(outcome.session).toBeDefined()
        }
        mux.close()
        await new Promise((resolve) => server?.close(resolve))
      }),
      { numRuns: 200 },
    )
  })
})
