import { TasksError } from '../core/errors.ts'

/** What a program says: frames that it alone can make, and between them what its steps printed. */
export type Frame =
  | { readonly kind: 'hello'; readonly run: string }
  | { readonly kind: 'want'; readonly items: readonly WantedItem[] }
  | { readonly kind: 'task'; readonly index: number }
  /** Somebody holds the lock: the program gives up, or waits. */
  | { readonly kind: 'locked'; readonly lock: string; readonly holder: readonly string[] }
  | { readonly kind: 'waiting'; readonly lock: string; readonly holder: readonly string[] }
  | { readonly kind: 'start'; readonly step: number; readonly at: number }
  | { readonly kind: 'preview'; readonly step: number }
  | { readonly kind: 'previewed'; readonly step: number; readonly exitCode: number }
  | { readonly kind: 'ask'; readonly step: number }
  | { readonly kind: 'apply'; readonly step: number; readonly at: number }
  | { readonly kind: 'value'; readonly step: number; readonly name: string; readonly value: string }
  | {
      readonly kind: 'end'
      readonly step: number
      readonly verdict: WireVerdict
      readonly exitCode: number
      readonly at: number
      readonly detail: string
    }
  | { readonly kind: 'pass' }
  /** A new channel follows the run's journal from the byte that was asked for. */
  | { readonly kind: 'attached' }
  | { readonly kind: 'unproved'; readonly step: number; readonly exitCode: number }
  | {
      readonly kind: 'finish'
      readonly how: 'done' | 'failed' | 'interrupted' | 'locked' | 'lost' | 'dead' | 'never' | 'unprepared'
    }

export interface WantedItem {
  readonly kind: 'content' | 'stream'
  readonly id: string
  readonly said: string
}

const wireVerdicts = ['met', 'changed', 'would', 'after', 'skipped', 'failed', 'unknown'] as const
export type WireVerdict = (typeof wireVerdicts)[number]

export type Piece = { readonly kind: 'output'; readonly bytes: Uint8Array } | Frame

/** No frame of ours is longer; a longer one is not ours. */
const longestFrame = 1 << 20

/**
 * Cuts a stream of bytes, in whatever chunks it comes, into frames and the output between them. A frame is a line of its own that
 * begins with the marker; all before the first one is the noise of a login and is dropped. Memory is bounded by one chunk and one frame.
 * Throws a TasksError when a frame is longer than any of ours or cannot be read.
 */
export class FrameReader {
  readonly #start: Buffer
  #rest: Buffer = Buffer.alloc(0)
  #hasBegun = false
  #position = 0

  constructor(marker: string) {
    this.#start = Buffer.from(`\n${marker} `)
  }

  /** How many bytes of the run's stream were understood: where a journal is read on from. */
  get position(): number {
    return this.#position
  }

  /** A new channel: its own noise comes first, up to the frame `attached`; then the stream goes on at `position`. */
  resume(): void {
    this.#rest = Buffer.alloc(0)
    this.#hasBegun = false
  }

  read(chunk: Uint8Array): readonly Piece[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const pieces: Piece[] = []
    for (;;) {
      const start = this.#rest.indexOf(this.#start)
      if (start === -1) break
      const end = this.#rest.indexOf('\n', start + this.#start.length)
      if (end === -1) {
        this.#refuseEndless(start)
        this.#take(pieces, start)
        return pieces
      }
      const line = this.#rest.subarray(start + this.#start.length, end).toString()
      this.#take(pieces, start)
      const frame = parseFrame(line)
      if (frame.kind !== 'attached') this.#position += end + 1 - start
      this.#rest = this.#rest.subarray(end + 1 - start)
      this.#hasBegun = true
      pieces.push(frame)
    }
    this.#take(pieces, this.#rest.length - this.#possibleStart())
    return pieces
  }

  /** Moves bytes that are certainly not part of a frame from the rest to the output. */
  #take(pieces: Piece[], length: number): void {
    if (length > 0 && this.#hasBegun) {
      pieces.push({ kind: 'output', bytes: Uint8Array.from(this.#rest.subarray(0, length)) })
      this.#position += length
    }
    this.#rest = this.#rest.subarray(length)
  }

  /** How many bytes at the end may be the beginning of a marker whose rest has not come yet. */
  #possibleStart(): number {
    const longest = Math.min(this.#start.length - 1, this.#rest.length)
    for (let length = longest; length > 0; length--) {
      if (this.#rest.subarray(this.#rest.length - length).equals(this.#start.subarray(0, length))) return length
    }
    return 0
  }

  #refuseEndless(start: number): void {
    if (this.#rest.length - start > longestFrame) throw unreadable('a line that does not end')
  }
}

function parseFrame(line: string): Frame {
  const [kind = '', ...words] = line.split(' ')
  const number = (index: number) => Number(words[index] ?? Number.NaN)
  const step = number(0)
  const frame = ((): Frame | undefined => {
    switch (kind) {
      case 'hello':
        return { kind, run: words[0] ?? '' }
      case 'want':
        return { kind, items: words.map(wanted) }
      case 'task':
        return { kind, index: step }
      case 'locked':
      case 'waiting':
        return { kind, lock: words[0] ?? '', holder: words.slice(1) }
      case 'preview':
      case 'ask':
        return { kind, step }
      case 'previewed':
      case 'unproved':
        return { kind, step, exitCode: number(1) }
      case 'start':
      case 'apply':
        return { kind, step, at: number(1) }
      case 'value':
        return { kind, step, name: words[1] ?? '', value: words.slice(2).join(' ') }
      case 'end':
        return {
          kind,
          step,
          verdict: wireVerdict(words[1]),
          exitCode: number(2),
          at: number(3),
          detail: words[4] ?? '',
        }
      case 'pass':
      case 'attached':
        return { kind }
      case 'finish':
        return { kind, how: ending(words[0]) }
      default:
        return undefined
    }
  })()
  if (!frame || ('step' in frame && !Number.isInteger(frame.step))) throw unreadable(line)
  return frame
}

function wanted(word: string): WantedItem {
  const [kind, id = '', said = ''] = word.split(':')
  if (kind !== 'content' && kind !== 'stream') throw unreadable(word)
  return { kind, id, said: said.replaceAll(',', ' ').trim() }
}

function wireVerdict(word: string | undefined): WireVerdict {
  const verdict = wireVerdicts.find((known) => known === word)
  if (!verdict) throw unreadable(word ?? 'an end without a verdict')
  return verdict
}

function ending(word: string | undefined): Extract<Frame, { kind: 'finish' }>['how'] {
  const endings = ['done', 'failed', 'interrupted', 'locked', 'lost', 'dead', 'never', 'unprepared'] as const
  const how = endings.find((known) => known === word)
  if (!how) throw unreadable(word ?? 'an end without a reason')
  return how
}

function unreadable(what: string): TasksError {
  return new TasksError({
    code: 'failed',
    message: `Cannot understand what the host says, because it sent ${JSON.stringify(what.slice(0, 80))}.`,
    hint: 'run the same command again; if it happens again, read the newest journal in /var/lib/tasks/runs on the host',
  })
}
