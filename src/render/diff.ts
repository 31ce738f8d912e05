import type { Paint, Style } from './style.ts'
import { plural } from './words.ts'

/** What a step would do, for people, from lines that are harmless already: a unified diff in colours, anything else as it is; shortened after `limit` lines. */
export function previewLines(lines: readonly string[], paint: Paint, limit: number): readonly string[] {
  const isDiff = lines.some((line) => line.startsWith('@@ '))
  const shown = lines.slice(0, lines.length > limit ? limit - 1 : limit)
  const left = lines.length - shown.length
  const more = left === 0 ? [] : [paint('faint', `… ${plural(left, 'more line')}; --verbose shows all`)]
  return [...shown.map((line) => paint(isDiff ? diffStyle(line) : 'plain', line)), ...more]
}

function diffStyle(line: string): Style {
  if (line.startsWith('--- ') || line.startsWith('+++ ')) return 'strong'
  if (line.startsWith('@@')) return 'place'
  if (line.startsWith('-')) return 'removed'
  return line.startsWith('+') ? 'added' : 'plain'
}
