import type { Piece } from './frame.ts'
import { FrameReader } from './frames.ts'

/** No plan of ours is longer. */
const longestPlan = 1 << 20

/**
 * Reads what a host passes on of somebody else's run: two streams in one. The outer one has the marker of who follows and tells the plan
 * and whose run it is; all that comes after is the journal, with that run's own marker.
 */
export class StrangerReader {
  readonly #outer: FrameReader
  #inner: FrameReader | undefined
  #isPlan = false
  #plan = Buffer.alloc(0)

  constructor(marker: string) {
    this.#outer = new FrameReader(marker)
  }

  /** The lines of the plan, whole once `found` was read. */
  get plan(): string {
    return this.#plan.toString()
  }

  /** How many bytes of the journal were understood. */
  get position(): number {
    return this.#inner?.position ?? 0
  }

  get isAtLineEnd(): boolean {
    return this.#inner !== undefined && (this.#outer.isAtLineEnd || this.#inner.isAtLineEnd)
  }

  /** A new channel, on which the journal goes on at `position`. */
  resume(): void {
    this.#outer.resume()
    this.#inner?.rewind()
    this.#isPlan = false
  }

  read(chunk: Uint8Array): readonly Piece[] {
    return this.#outer.read(chunk).flatMap((piece) => this.#take(piece))
  }

  #take(piece: Piece): readonly Piece[] {
    if (piece.kind === 'output') {
      if (!this.#isPlan) return this.#inner?.read(piece.bytes) ?? []
      this.#plan = Buffer.concat([this.#plan, piece.bytes.subarray(0, longestPlan - this.#plan.length)])
      return []
    }
    if (piece.kind === 'plan') {
      this.#isPlan = true
      this.#plan = Buffer.alloc(0)
    }
    if (piece.kind === 'found') {
      this.#isPlan = false
      this.#inner ??= new FrameReader(piece.marker)
    }
    return [piece]
  }
}
