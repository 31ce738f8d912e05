import type { Finding, FindingStatus } from '../core/finding.ts'
import { printableLine } from './printable.ts'
import type { Paint, Style } from './style.ts'
import { fold, widthOf } from './width.ts'
import { listed, plural } from './words.ts'

/** What was found, a line for each thing under what it is about, with a way out where there is one; last, whether all is well. */
export function findingLines(
  findings: readonly Finding[],
  paint: Paint,
  width = Number.POSITIVE_INFINITY,
): readonly string[] {
  const column = Math.max(0, ...findings.map(({ title }) => widthOf(printableLine(title))))
  const groups = [...new Set(findings.map(({ about }) => about))]
  const blocks = groups.map((group) => [
    paint('strong', printableLine(group)),
    ...findings.filter(({ about }) => about === group).flatMap((finding) => lines(finding, { paint, width, column })),
    '',
  ])
  return [...blocks.flat(), lastLine(findings, paint)]
}

interface Layout {
  readonly paint: Paint
  readonly width: number
  readonly column: number
}

function lines({ title, status, detail, hint }: Finding, { paint, width, column }: Layout): readonly string[] {
  const { icon, style } = marks[status]
  const name = printableLine(title)
  const head = `${paint(style, icon)} ${name}${' '.repeat(column - widthOf(name))}  ${printableLine(detail)}`
  const way = hint === undefined ? [] : fold(`${paint('place', '→')} ${printableLine(hint)}`, width - column - 6, 2)
  return [
    ...fold(head, width - 2, column + 4).map((line) => `  ${line}`),
    ...way.map((line) => `${' '.repeat(column + 6)}${line}`),
  ]
}

const marks: Readonly<Record<FindingStatus, { readonly icon: string; readonly style: Style }>> = {
  ok: { icon: '✔', style: 'good' },
  warn: { icon: '!', style: 'warning' },
  bad: { icon: '✖', style: 'bad' },
  unknown: { icon: '?', style: 'pending' },
}

function lastLine(findings: readonly Finding[], paint: Paint): string {
  const count = (status: FindingStatus) => findings.filter((finding) => finding.status === status).length
  const [wrong, warnings] = [count('bad'), count('warn')]
  const parts = listed([
    [wrong, wrong === 1 ? 'thing is wrong' : 'things are wrong'],
    [warnings, warnings === 1 ? 'warning' : 'warnings'],
    [count('unknown'), 'not known'],
  ])
  const well = `All is well: ${plural(findings.length, 'thing')} looked at.`
  if (parts === '') return paint('good', well)
  return wrong > 0 ? paint('bad', `${parts}.`) : `Nothing is wrong: ${parts}.`
}
