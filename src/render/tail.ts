import { printableLines } from './printable.ts'

/** Longest line that is kept; what stands further left is forgotten. A progress bar may never end its line. */
const longest = 4096

/** The last lines of what a machine says, put together from pieces. Takes no more memory than `limit` lines. */
export class Tail {
  readonly #limit: number
  #raw = ''

  constructor(limit: number) {
    this.#limit = limit
  }

  take(text: string): void {
    const lines = (this.#raw + text.slice(-longest * this.#limit)).split('\n')
    // One more than is shown: the last is empty after a line feed.
    this.#raw = lines
      .slice(-this.#limit - 1)
      .map((line) => line.slice(-longest))
      .join('\n')
  }

  /** Harmless on a terminal. */
  lines(limit = this.#limit): readonly string[] {
    return printableLines(this.#raw)
      .filter((line) => line !== '')
      .slice(-limit)
  }
}
