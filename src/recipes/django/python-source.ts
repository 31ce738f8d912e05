/** One logical line of Python: brackets and backslashes joined, comments dropped, strings whole. */
export interface LogicalLine {
  /** Where it begins, counted from 1. */
  readonly number: number
  /** Width of the white space before it; a tab counts as eight. */
  readonly indent: number
  readonly text: string
}

/** Splits Python source into logical lines. Never fails: what is not Python gives lines that mean nothing. */
export function logicalLines(source: string): readonly LogicalLine[] {
  const lines: LogicalLine[] = []
  let [text, depth, number, start] = ['', 0, 1, 1]
  const finish = () => {
    if (text.trim() !== '') lines.push({ number: start, indent: indentOf(text), text: text.trim() })
    text = ''
  }
  for (const [token] of source.replaceAll('\r\n', '\n').matchAll(tokens)) {
    if (text === '') start = number
    if (token === '\n' && depth === 0) finish()
    else if (!token.startsWith('#')) text += token === '\\\n' || token === '\n' ? ' ' : token
    if ('([{'.includes(token)) depth += 1
    if (')]}'.includes(token)) depth = Math.max(0, depth - 1)
    number += token.split('\n').length - 1
  }
  finish()
  return lines
}

/** The name, attribute or item that a line assigns to: `DEBUG`, `DATABASES` (for an item of it too). */
export function assignedName(text: string): string | undefined {
  return /^([A-Za-z_]\w*)(?:\s*\[[^\]]*\])*\s*(?::[^=]+)?\+?=(?!=)/.exec(text)?.[1]
}

/** Strings first, so that a `#` or a bracket within one is no comment and no bracket. */
const tokens =
  /[A-Za-z]{0,2}"""(?:[^\\]|\\[\s\S])*?"""|[A-Za-z]{0,2}'''(?:[^\\]|\\[\s\S])*?'''|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'|#[^\n]*|\\\n|\n|[()[\]{}]|[^\S\n]+|\w+|[^\w\s]/g

function indentOf(text: string): number {
  return (/^\s*/.exec(text)?.[0] ?? '').replaceAll('\t', '        ').length
}
