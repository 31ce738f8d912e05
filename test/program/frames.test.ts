import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Piece } from '../../src/program/frame.ts'
import { FrameReader } from '../../src/program/frames.ts'

const marker = 'tasks-0123456789abcdef'
const frame = (text: string) => `\n${marker} ${text}\n`

/** A run as a host sends it, with all that a login, a step or an attacker may put between. */
const recorded = Buffer.concat([
  Buffer.from('Welcome to Debian!\n\x1b]0;title\x07no newline at the end'),
  Buffer.from(frame('hello 20261122T000000-abcdef')),
  Buffer.from(frame('want content:ab12: stream:source:main,feature')),
  Buffer.from(frame('task 0')),
  Buffer.from(frame('start 1 12.50')),
  Buffer.from(
    `forged: ${marker} finish done\n ${marker} finish done\n\ntasks-0000 finish done\n\ntasks-0123456789abcdeX end 1 met 0 1\n`,
  ),
  Buffer.from([0, 255, 10, 13, 10, 10, 195, 40, 0]),
  Buffer.from(frame('value 1 home /home/a b  c')),
  Buffer.from(frame('end 1 changed 0 13.75')),
  Buffer.from(frame('start 2 13.75')),
  Buffer.from(`\n${marker.slice(0, -1)}\n`),
  Buffer.from(frame('preview 2')),
  Buffer.from('+ žluť\n'),
  Buffer.from(frame('previewed 2 0')),
  Buffer.from(frame('ask 2')),
  Buffer.from(frame('apply 2 13.80')),
  Buffer.from(frame('end 2 after 0 14 1,3')),
  Buffer.from(frame('pass')),
  Buffer.from(frame('unproved 1 1')),
  Buffer.from(frame('locked site-a me laptop 2026 run-1')),
  Buffer.from(frame('finish failed')),
])

/** Pieces, with the output between two frames as one text, since chunks cut it anywhere. */
function joined(pieces: readonly Piece[]): readonly unknown[] {
  const all: unknown[] = []
  let output = ''
  for (const piece of pieces) {
    if (piece.kind === 'output') output += Buffer.from(piece.bytes).toString('latin1')
    else {
      if (output !== '') all.push(output)
      all.push(piece)
      output = ''
    }
  }
  return output === '' ? all : [...all, output]
}

function read(stream: Buffer, cuts: readonly number[], reader = new FrameReader(marker)): readonly unknown[] {
  const places = [0, ...[...cuts].sort((one, other) => one - other), stream.length]
  const chunks = places.slice(1).map((end, index) => stream.subarray(places[index], end))
  return joined(chunks.flatMap((chunk) => reader.read(chunk)))
}

describe('the reader of frames', () => {
  it('drops what a login says, and takes nothing for a frame that is not one', () => {
    expect(read(recorded, [])).toEqual([
      { kind: 'hello', run: '20261122T000000-abcdef' },
      {
        kind: 'want',
        items: [
          { kind: 'content', id: 'ab12', said: '' },
          { kind: 'stream', id: 'source', said: 'main feature' },
        ],
      },
      { kind: 'task', index: 0 },
      { kind: 'start', step: 1, at: 12.5 },
      `forged: ${marker} finish done\n ${marker} finish done\n\ntasks-0000 finish done\n\ntasks-0123456789abcdeX end 1 met 0 1\n\0\xff\n\r\n\n\xc3(\0`,
      { kind: 'value', step: 1, name: 'home', value: '/home/a b  c' },
      { kind: 'end', step: 1, verdict: 'changed', exitCode: 0, at: 13.75, detail: '' },
      { kind: 'start', step: 2, at: 13.75 },
      `\n${marker.slice(0, -1)}\n`,
      { kind: 'preview', step: 2 },
      Buffer.from('+ žluť\n').toString('latin1'),
      { kind: 'previewed', step: 2, exitCode: 0 },
      { kind: 'ask', step: 2 },
      { kind: 'apply', step: 2, at: 13.8 },
      { kind: 'end', step: 2, verdict: 'after', exitCode: 0, at: 14, detail: '1,3' },
      { kind: 'pass' },
      { kind: 'unproved', step: 1, exitCode: 1 },
      { kind: 'locked', lock: 'site-a', holder: { user: 'me', machine: 'laptop', since: '2026', run: 'run-1' } },
      { kind: 'finish', how: 'failed' },
    ])
  })

  it('gives the same pieces whatever the chunks', () => {
    const whole = read(recorded, [])
    fc.assert(
      fc.property(fc.array(fc.nat(recorded.length), { maxLength: 80 }), (cuts) => {
        expect(read(recorded, cuts)).toEqual(whole)
      }),
      { numRuns: 300 },
    )
    expect(read(recorded, Array.from(recorded.keys()))).toEqual(whole)
  })

  it('goes on in a journal at the byte that it had understood, wherever the first connection was cut', () => {
    const noise = Buffer.from('Welcome to Debian!\n\x1b]0;title\x07no newline at the end').length
    const journal = recorded.subarray(noise)
    const whole = read(recorded, [])
    fc.assert(
      fc.property(fc.integer({ min: noise, max: recorded.length }), fc.array(fc.nat(recorded.length)), (cut, cuts) => {
        const reader = new FrameReader(marker)
        const before = reader.read(recorded.subarray(0, cut))
        reader.resume()
        const rest = Buffer.concat([
          Buffer.from(`another greeting${frame('attached')}`),
          journal.subarray(reader.position),
        ])
        const places = [0, ...cuts.map((place) => place % rest.length).sort((one, other) => one - other), rest.length]
        const after = places.slice(1).flatMap((end, index) => reader.read(rest.subarray(places[index], end)))
        expect(joined([...before, ...after.filter(({ kind }) => kind !== 'attached')])).toEqual(whole)
      }),
      { numRuns: 300 },
    )
  })

  it('passes on an endless line of a step in pieces, and keeps none of it', () => {
    const reader = new FrameReader(marker)
    reader.read(Buffer.from(frame('start 1 0')))
    const chunk = Buffer.alloc(1 << 16, 'x')
    let length = 0
    for (let index = 0; index < 100; index++)
      length += reader.read(chunk).reduce((sum, piece) => sum + (piece.kind === 'output' ? piece.bytes.length : 0), 0)
    expect(length).toBe(100 * chunk.length)
  })

  it.each([
    ['a frame that does not end', `\n${marker} value ${'x'.repeat(1_100_000)}`, 'a line that does not end'],
    ['a frame of another kind', frame('dance 1'), 'dance 1'],
    ['a step without a number', frame('start one 1'), 'start one 1'],
    ['a verdict that is none', frame('end 1 splendid 0 1'), 'splendid'],
    ['an ending that is none', frame('finish splendid'), 'splendid'],
    ['a wish for something else', frame('want secret:dotenv:'), 'secret:dotenv:'],
  ])('refuses %s', (_, stream, what) => {
    expect(() => new FrameReader(marker).read(Buffer.from(stream))).toThrow(
      expect.objectContaining({
        code: 'failed',
        message: `Cannot understand what the host says, because it sent ${JSON.stringify(what)}.`,
      }),
    )
  })
})
