import { printableLines } from '../printable.ts'
import type { Tail } from '../tail.ts'
import { plural } from '../words.ts'
import { type Html, html } from './html.ts'
import { keptLines } from './story.ts'

/** The most that is shown of one diff or output: a page must open on a phone. */
const shownDiffLines = 400
const shownCharacters = 40_000

/** What a machine said, its end alone where that was much; nothing where it said nothing. */
export function outputOf(output: Tail): Html | undefined {
  const lines = output.lines()
  if (lines.length === 0) return undefined
  const text = lines.join('\n')
  const shown = text.slice(-shownCharacters)
  const isCut = output.isCut || shown.length < text.length
  const left = `What stands before this is left out: the page shows at most the last ${keptLines} lines.`
  return html`${isCut ? html`<p class="cut">${left}</p>` : undefined}<pre tabindex="0">${shown}</pre>`
}

/** What the last lines were, as a failure tells them. */
export function saidOf(text: string | undefined): Html | undefined {
  const lines = printableLines(text ?? '')
  return lines.length === 0 ? undefined : html`<pre tabindex="0">${lines.join('\n').slice(-shownCharacters)}</pre>`
}

/** What a step would do: a unified diff in colours, anything else as it is; its beginning alone where that is much. */
export function previewOf(text: string): Html {
  const lines = printableLines(text.slice(0, shownCharacters))
  const isDiff = isUnified(lines)
  const all = text.split('\n').length
  const shown = lines.slice(0, shownDiffLines)
  const isCut = text.length > shownCharacters || lines.length > shown.length
  const left = `${plural(Math.max(1, all - shown.length), 'more line')}, left out here: a dry run with --verbose shows all.`
  return html`<pre tabindex="0"${isDiff ? html` class="diff"` : undefined}>${shown.map((line) => (isDiff ? diffLine(line) : html`${line}\n`))}</pre>${isCut ? html`<p class="cut">${left}</p>` : undefined}`
}

export function isUnified(lines: readonly string[]): boolean {
  return lines.some((line) => line.startsWith('@@ '))
}

function diffLine(line: string): Html {
  if (/^(?:---|\+\+\+) /.test(line)) return html`<b>${line}</b>\n`
  if (line.startsWith('@@')) return html`<span class="place">${line}</span>\n`
  if (line.startsWith('-')) return html`<del>${line}</del>\n`
  if (line.startsWith('+')) return html`<ins>${line}</ins>\n`
  return html`${line}\n`
}
