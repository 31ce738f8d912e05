import { stripVTControlCharacters } from 'node:util'
import type { Side, Sink } from './sink.ts'
import { widthOf } from './width.ts'

/** Lines at the foot of a terminal that are drawn again and again, and lines above them that stay. Each update is one write to each stream. */
export class Screen {
  readonly #sink: Sink
  readonly #columns: () => number
  #drawn: readonly string[] = []

  constructor(sink: Sink, columns: () => number) {
    this.#sink = sink
    this.#columns = columns
  }

  /** Puts `lines` for good above what is live, and `live` in place of what was live. Live lines must be shorter than the terminal is wide. */
  show(live: readonly string[], lines: readonly string[] = [], side: Side = 'stderr'): void {
    if (lines.length === 0 && isSame(live, this.#drawn)) return
    const end = this.#drawn.length === 0 ? '\n' : `${eraseRight}\n`
    const above = lines.map((line) => line + end).join('')
    const below = live.length === 0 ? '' : `${wrapOff}${live.map((line) => line + end).join('')}${wrapOn}`
    if (side === 'stderr' || lines.length === 0)
      this.#sink.write('stderr', this.#home() + above + below + this.#eraseRest())
    else {
      this.#sink.write('stderr', this.#home() + this.#eraseRest())
      this.#sink.writeLines(side, lines)
      this.#sink.write('stderr', below)
    }
    this.#drawn = live
  }

  /** What is live now. */
  get live(): readonly string[] {
    return this.#drawn
  }

  #eraseRest(): string {
    return this.#drawn.length === 0 ? '' : eraseBelow
  }

  /** To the first of the drawn lines; a terminal made narrower since has broken them into more rows. */
  #home(): string {
    const columns = Math.max(1, this.#columns())
    const rows = this.#drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(widthOf(stripVTControlCharacters(line)) / columns)),
      0,
    )
    return rows === 0 ? '' : `\x1b[${rows}A\r`
  }
}

const eraseRight = '\x1b[K'
const eraseBelow = '\x1b[J'
// A character that is wider here than we think must not push the lines below it down.
const wrapOff = '\x1b[?7l'
const wrapOn = '\x1b[?7h'

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index])
}
