import { type Piece, parseFrame, unreadable } from './frame.ts'

/** No frame of ours is longer; a longer one is not ours. */
const longestFrame = 1 << 20
const lineFeed = 10

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

  /** Whether all is passed on but a line feed, which may end a line of output or begin a frame. */
  get isAtLineEnd(): boolean {
    return this.#hasBegun && this.#rest.length === 1 && this.#rest[0] === lineFeed
  }

  /** A new channel: its own noise comes first, up to the frame `attached`; then the stream goes on at `position`. */
  resume(): void {
    this.rewind()
    this.#hasBegun = false
  }

  /** The stream goes on at `position`: what had come after it comes again. */
  rewind(): void {
    this.#rest = Buffer.alloc(0)
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
