import { printableLines } from './printable.ts'

/** Longest line that is kept; what stands further left is forgotten. A progress bar may never end its line. */
const longest = 4096

/** The last lines of what a machine says, put together from pieces. Takes no more memory than `limit` lines. */
export class Tail {
  readonly #limit: number
  #raw = ''
  #isCut = false

  constructor(limit: number) {
    this.#limit = limit
  }

  take(text: string): void {
    const kept = text.slice(-longest * this.#limit)
    const lines = (this.#raw + kept).split('\n')
    this.#isCut ||= kept.length < text.length || lines.length > this.#limit + 1
    // One more than is shown: the last is empty after a line feed.
    this.#raw = lines
      .slice(-this.#limit - 1)
      .map((line) => line.slice(-longest))
      .join('\n')
  }

  /** More was said than is kept, in lines or pieces before these. */
  get isCut(): boolean {
    return this.#isCut
  }

  /** Harmless on a terminal. */
  lines(limit = this.#limit): readonly string[] {
    return printableLines(this.#raw)
      .filter((line) => line !== '')
      .slice(-limit)
  }
}
