/** What opens a quote that is not closed; nothing outside of quotes. */
export type OpenQuote = '' | "'" | '"'

/** A command line up to the cursor, as a shell divides it. What a shell would expand stays as it is written. */
export interface WrittenLine {
  /** The words before the one at the cursor, without their quotes. */
  readonly before: readonly string[]
  /** The word at the cursor as it is written, and without its quotes. */
  readonly written: string
  readonly current: string
  readonly quote: OpenQuote
}

/** Divides a line into words. Knows quotes and backslashes, and nothing else of a shell's language. */
export function writtenLine(line: string): WrittenLine {
  const words: Word[] = []
  let word = noWord
  let quote: OpenQuote = ''
  for (let at = 0; at < line.length; ) {
    const { length, text, opened, isGap } = piece(line.slice(at, at + 2), quote)
    if (isGap && word.written !== '') words.push(word)
    word = isGap ? noWord : { written: word.written + line.slice(at, at + length), text: word.text + text }
    quote = opened
    at += length
  }
  return { before: words.map(({ text }) => text), written: word.written, current: word.text, quote }
}

interface Word {
  readonly written: string
  readonly text: string
}

const noWord: Word = { written: '', text: '' }

interface Piece {
  readonly length: number
  readonly text: string
  /** The quote that is open behind it. */
  readonly opened: OpenQuote
  readonly isGap?: boolean
}

function piece([first = '', second = '']: string, quote: OpenQuote): Piece {
  if (first === quote) return { length: 1, text: '', opened: '' }
  if (quote === '' && (first === "'" || first === '"')) return { length: 1, text: '', opened: first }
  if (quote === '' && /[ \t\n]/.test(first)) return { length: 1, text: '', opened: '', isGap: true }
  const isEscape = first === '\\' && (quote === '' || (quote === '"' && /["$`\\]/.test(second)))
  return isEscape
    ? { length: second === '' ? 1 : 2, text: second, opened: quote }
    : { length: 1, text: first, opened: quote }
}
