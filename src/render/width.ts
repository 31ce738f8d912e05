import { stripVTControlCharacters } from 'node:util'

/** Cells that a text takes on a terminal; where terminals disagree, the most that any of them takes. */
export function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length
  let width = 0
  for (const char of text) width += cells(char)
  return width
}

/** The text in at most `width` cells; what was cut is told by `…`. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let taken = ''
  let left = width - 1
  for (const char of text) {
    left -= cells(char)
    if (left < 0) break
    taken += char
  }
  return width < 1 ? '' : `${taken.trimEnd()}…`
}

/** Lines of at most `width` cells, broken between words where possible. Never empty. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((whole) => pieces(whole, width))) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && widthOf(longer) > width) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line]
}

/** A painted line, broken between words, the rest indented by `indent`; colours do not count. */
export function fold(line: string, width: number, indent: number): readonly string[] {
  if (widthOf(stripVTControlCharacters(line)) <= width) return [line]
  const hanging = ' '.repeat(indent)
  const rows: string[] = []
  let row = ''
  for (const word of line.split(' ')) {
    const longer = `${row} ${word}`
    if (row.trim() === '' || widthOf(stripVTControlCharacters(longer)) <= width) row = row === '' ? word : longer
    else {
      rows.push(row)
      row = hanging + word
    }
  }
  return [...rows, row]
}

const wide =
  /\p{Emoji_Presentation}|(?![\uff61-\uffdc])[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Tangut}]|[\u3000-\u303e\u30fb\u30fc\u3200-\u33ff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}]/u

function cells(char: string): number {
  // The emoji variation selector can widen what stands before it by one.
  if (char === '\ufe0f') return 1
  if (/[\p{Mn}\p{Me}\u200d]/u.test(char)) return 0
  return wide.test(char) ? 2 : 1
}

function pieces(word: string, width: number): readonly string[] {
  if (widthOf(word) <= width || width < 2) return [word]
  const found: string[] = ['']
  for (const char of word) {
    if (widthOf(found.at(-1) + char) > width) found.push('')
    found[found.length - 1] += char
  }
  return found
}
