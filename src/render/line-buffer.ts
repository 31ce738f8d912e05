import { printableLines } from './printable.ts'

/** Longest line that is waited for; a longer one is broken. */
const longest = 16_384

/** Whole lines out of pieces of text, harmless on a terminal. */
export class LineBuffer {
  #rest = ''

  /** The lines that the piece completes. */
  take(text: string): readonly string[] {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    const broken = this.#rest.length > longest ? [this.#rest] : []
    if (broken.length > 0) this.#rest = ''
    return [...lines, ...broken].flatMap(harmless)
  }

  /** What no line feed has ended. */
  end(): readonly string[] {
    const rest = this.#rest
    this.#rest = ''
    return rest === '' ? [] : harmless(rest)
  }
}

function harmless(line: string): readonly string[] {
  const lines = printableLines(line)
  return lines.length === 0 ? [''] : lines
}
