import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Ask } from '../../src/core/ask.ts'
import type { Channel, Connection } from '../../src/core/connection.ts'
import { content, secret } from '../../src/core/data.ts'
import { isTasksError } from '../../src/core/errors.ts'
import type { Event } from '../../src/core/event.ts'
import { sh } from '../../src/core/sh.ts'
import { hostValue, step } from '../../src/core/step.ts'
import { compile } from '../../src/program/compile.ts'
import type { Piece } from '../../src/program/frame.ts'
import { FrameReader } from '../../src/program/frames.ts'
import { StrangerReader } from '../../src/program/stranger-reader.ts'
import { createRenderer, type RendererKind } from '../../src/render/renderer.ts'
import { type Conversation, converse, type Ending } from '../../src/run/conversation.ts'
import { Narrator } from '../../src/run/narrator.ts'

const marker = 'tasks-0123456789abcdef'
const frame = (text: string) => Buffer.from(`\n${marker} ${text}\n`)

const number = hostValue('number')
const steps = [
  step({ name: 'number', title: 'number', value: number, check: sh`printf 8` }),
  step({ name: 'a', title: 'a of <number> and <constructor>', check: sh`true`, apply: sh`true` }),
  step({ name: 'b', title: 'b', data: [secret('hidden', 'hush hush'), content('x')], check: sh`true` }),
]
const sections = [{ task: 'test', summary: '', steps }]
const program = compile(sections, { host: 'web1', loginUser: 'root', style: 'wire' })

/** Words of frames, true and false. */
const word = fc.oneof(
  fc.constantFrom(
    ...['hello', 'want', 'task', 'start', 'apply', 'preview', 'previewed', 'ask', 'value', 'end', 'pass', 'unproved'],
    ...['locked', 'waiting', 'before', 'found', 'plan', 'attached', 'finish', 'dance'],
    ...[
      'met',
      'changed',
      'would',
      'after',
      'skipped',
      'failed',
      'unknown',
      'did-not-converge',
      'in',
      'running',
      'died',
    ],
    ...['0', '1', '2', '3', '4', '-1', '1e9', '0x1', '99999999999', 'NaN', '1.5', '', '-', '__proto__', 'constructor'],
    ...[
      'content:x:',
      'content:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881:',
      'stream:source:--upload-pack=x',
      'secret:hidden:',
      '["t","n","\\u001b[2J",1,1]',
      '{"a":1}',
      '[[[[',
    ],
    ...['run', 'step', 'dry-run', 'done', 'lost', 'dead', 'none', 'number', 'hidden'],
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const lie = fc.array(word, { maxLength: 8 }).map((words) => frame(words.join(' ')))
const sequence = fc
  .constantFrom(
    '\x1b[2J',
    '\x1b]0;title\x07',
    '\x9b1A',
    '\r',
    '\x08',
    '\x1bc',
    '\u202e',
    '\x1b[?1049h',
    '\x00',
    '\x1bP1$r\x1b\\',
  )
  .map((text) => Buffer.from(text))
const noise = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text)),
  fc
    .constantFrom(`\n${marker}`, `${marker} finish done\n`, `\n${marker} `, '\ntasks-x finish done\n')
    .map((text) => Buffer.from(text)),
  sequence,
)
const truth = fc
  .constantFrom(
    'hello run',
    'start 1 1.00',
    'apply 2 1.50',
    'preview 2',
    'previewed 2 0',
    'value 1 number 8',
    'end 1 met 0 2',
    'end 2 failed 3 2',
  )
  .map(frame)
const stream = fc.array(fc.oneof(lie, noise, truth, sequence), { maxLength: 14 }).map((parts) => Buffer.concat(parts))

/** The pieces until the host was found out. */
function piecesOf(reader: Pick<FrameReader, 'read'>, chunks: readonly Uint8Array[]): readonly Piece[] {
  const pieces: Piece[] = []
  try {
    for (const chunk of chunks) pieces.push(...reader.read(chunk))
  } catch (error) {
    if (!isTasksError(error)) throw error
    expect(error.message).toMatch(/^Cannot understand what the host says, because it sent ".*"\.$/s)
    expect(error.message).not.toMatch(controls)
  }
  return pieces
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/

/** All that a narrator tells of a stream. */
function eventsOf(bytes: Uint8Array): readonly Event[] {
  const events: Event[] = []
  const narrator = new Narrator('web1', program, { emit: (event) => void events.push(event), mask: (text) => text })
  for (const piece of piecesOf(new FrameReader(marker), [bytes])) narrator.tell(piece)
  return events
}

describe('a hostile host', () => {
  it('makes the reader of frames neither crash nor differ by the chunks in which it lies', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(400), { maxLength: 6 }), (bytes, cuts) => {
        const whole = piecesOf(new FrameReader(marker), [bytes])
        const places = [
          0,
          ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((one, other) => one - other),
          bytes.length,
        ]
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end))
        const frames = (pieces: readonly Piece[]) => pieces.filter(({ kind }) => kind !== 'output')
        const inPieces = frames(piecesOf(new FrameReader(marker), chunks))
        // Found out in the middle of a chunk, the frames before it in the same chunk are not told.
        expect(inPieces.slice(0, frames(whole).length)).toEqual(frames(whole))
      }),
      { numRuns: 16_000 },
    )
  })

  it('makes the reader of somebody else’s run neither crash nor keep much', () => {
    fc.assert(
      fc.property(stream, stream, (outer, inner) => {
        piecesOf(new StrangerReader(marker), [outer, frame(`found ${marker} run me here now run-1 deploy -`), inner])
      }),
      { numRuns: 4000 },
    )
  })

  it('makes nobody tell more than events, of steps that there are, in numbers that are numbers', () => {
    fc.assert(
      fc.property(stream, (bytes) => {
        for (const event of eventsOf(bytes)) {
          if ('step' in event && 'title' in event) expect(program.steps.map(({ id }) => id)).toContain(event.step)
          if ('title' in event) expect(event.title).not.toContain('[native code]')
          if (event.type === 'step.finished') expect(event.took).toBeGreaterThanOrEqual(0)
        }
        expect(({} as Record<string, unknown>).number).toBeUndefined()
      }),
      { numRuns: 12_000 },
    )
  })

  it.each<readonly [RendererKind, number]>([
    ['plain', 5000],
    ['tree', 1500],
    ['json', 2000],
  ])('paints nothing on a terminal through %s', async (kind, numRuns) => {
    await fc.assert(
      fc.asyncProperty(stream, async (bytes) => {
        const out = await shown(kind, eventsOf(bytes))
        // What a tree itself writes: colours, erasing, going up over its own lines, and not wrapping them.
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
        const ours = kind === 'tree' ? out.replace(/\x1b\[(?:\d+A\r|K|J|\?7[lh])/g, '') : out
        expect(ours.replaceAll('\n', '')).not.toMatch(controls)
      }),
      { numRuns },
    )
  })

  it('gets nothing from whoever sends it a program but that, and what belongs to it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stream, { maxLength: 3 }), async (chunks) => {
        const { connection, written } = hostThatSays([frame('hello run'), ...chunks])
        const asked: unknown[] = []
        const step = async (question: unknown) => {
          asked.push(question)
          return 'apply' as const
        }
        const ended = await converse(connection, program, conversation({ step })).catch((error: unknown) => error)
        expect(isTasksError(ended) || (ended as Ending).kind === 'lost' || (ended as Ending).kind === 'finished').toBe(
          true,
        )
        const later = Buffer.concat(written.slice(1)).toString()
        expect(later.replace(/^(answer abort|[0-9a-f]{64} 1\nx)$/gm, '').trim()).toBe('')
        expect(asked).toEqual([])
      }),
      { numRuns: 2000 },
    )
  })

  it('that says a gigabyte without end is kept a few hundred kilobytes of', () => {
    const events: Event[] = []
    const reader = new FrameReader(marker)
    let longest = 0
    const narrator = new Narrator('web1', program, {
      emit: (event) => {
        if (event.type === 'step.output') longest = Math.max(longest, event.text.length)
        else events.push(event)
      },
      mask: (text) => text,
    })
    const tell = (bytes: Uint8Array) => {
      for (const piece of reader.read(bytes)) narrator.tell(piece)
    }
    tell(Buffer.concat([frame('hello run'), frame('start 2 1')]))
    const chunk = Buffer.alloc(1 << 16, 'x')
    for (let index = 0; index < (1 << 30) / chunk.length; index++) tell(chunk)
    tell(frame('end 2 failed 1 2'))
    expect(longest).toBeLessThan(1 << 18)
    expect(JSON.stringify(events).length).toBeLessThan(1 << 18)
  })
})

async function shown(kind: RendererKind, events: readonly Event[]): Promise<string> {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() }
  const written: string[] = []
  for (const one of Object.values(streams)) one.on('data', (chunk: Buffer) => written.push(chunk.toString()))
  const renderer = createRenderer({ kind, level: 'verbose', ...streams, colors: false, columns: () => 80 })
  renderer.emit({ type: 'run.started', run: 'run', mode: 'run', tasks: ['test'], hosts: ['web1'], at: 'now' })
  for (const event of events) renderer.emit(event)
  await renderer.end()
  return written.join('')
}

/** A host that says what it likes, whatever it is sent. */
function hostThatSays(chunks: readonly Uint8Array[]) {
  const written: Buffer[] = []
  const never = (async function* () {})()
  const channel: Channel = {
    stdout: (async function* () {
      yield* chunks
    })(),
    stderr: never,
    ended: Promise.resolve({ kind: 'lost', because: 'it is gone' }),
    write: async (bytes) => void written.push(Buffer.from(bytes)),
    end: () => {},
  }
  const wire = { connections: 1, channels: 1, bytesSent: 0, bytesReceived: 0 }
  const connection: Connection = {
    user: 'root',
    open: async () => channel,
    wire: () => wire,
    close: async () => {},
  }
  return { connection, written }
}

function conversation(ask: Ask): Conversation {
  const never = new AbortController().signal
  const emit = () => {}
  const holder = { user: 'me', machine: 'here', since: 'now', task: 'test' }
  return {
    host: 'web1',
    program,
    head: { marker, run: 'run', mode: 'run', wait: false, holder },
    narrator: new Narrator('web1', program, { emit, mask: (text) => text }),
    reader: new FrameReader(marker),
    emit,
    ask,
    passwords: new Map(),
    stop: never,
    kill: never,
    waited: () => {},
  }
}
