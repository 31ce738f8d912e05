import type { Candidate } from './candidate.ts'
import { type OpenQuote, writtenLine } from './shell-words.ts'

/**
 * Candidates as bash puts them into the line: in place of `end`, the last part of the word at the cursor, which begins behind a `:` or `=`
 * or an open quote. Bash quotes nothing itself, so that a candidate is as it must be written there; one that cannot be is left out.
 */
export function bashWords(
  candidates: readonly Candidate[],
  { written, end }: { readonly written: string; readonly end: string },
): readonly string[] {
  if (!written.endsWith(end)) return []
  const { current: head, quote } = writtenLine(written.slice(0, written.length - end.length))
  const rests = candidates.flatMap(({ value }) => (value.startsWith(head) ? [value.slice(head.length)] : []))
  if (quote !== '') return rests.filter((rest) => !unfit[quote].test(rest))
  const escaped = rests.map((rest) => rest.replace(/[^A-Za-z0-9_@%+:,./=\u{80}-\u{10ffff}-]/gu, '\\$&'))
  return isCutWell(escaped) ? escaped : rests.map((rest) => `'${rest.replaceAll("'", "'\\''")}'`)
}

/** What would end a quote, or be expanded inside it. */
const unfit: Readonly<Record<Exclude<OpenQuote, ''>, RegExp>> = { "'": /'/, '"': /["$`\\!]/ }

/** Bash writes what all have in common: that must not end in the middle of `\$`. */
function isCutWell([first = '', ...others]: readonly string[]): boolean {
  if (others.length === 0) return true
  const length = Math.min(...others.map((other) => commonLength(first, other)))
  return (/\\*$/.exec(first.slice(0, length))?.[0].length ?? 0) % 2 === 0
}

function commonLength(one: string, other: string): number {
  let length = 0
  while (length < one.length && one[length] === other[length]) length++
  return length
}
