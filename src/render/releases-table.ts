import type { ReleasesListed } from '../core/event.ts'
import type { ListedRelease } from '../core/listed-release.ts'
import { printableLine } from './printable.ts'
import type { Paint } from './style.ts'
import { aligned } from './table.ts'

/** A site's releases as a person reads them: a line for each, under a line of headings. */
export function releasesTable({ host, site, releases }: ReleasesListed, paint: Paint): readonly string[] {
  if (releases.length === 0) return [`${printableLine(site)} has no releases on ${printableLine(host)}.`]
  const headings = ['RELEASE', 'WHEN', 'WHO', 'KIND', '', 'COMMIT']
  const [head = '', ...lines] = aligned([headings, ...releases.map(cells)])
  return [
    paint('faint', head),
    ...lines.map((line, index) => (releases[index]?.isCurrent ? paint('strong', line) : line)),
  ]
}

function cells(release: ListedRelease): readonly string[] {
  const { number, when, who, kind, from, commit, subject } = release
  const made = from === undefined ? kind : `${kind} ${kind === 'rollback' ? 'to' : 'of'} ${from}`
  const cells = [String(number), when, who, made, marks(release), `${commit.slice(0, 7)} ${subject}`]
  return cells.map((cell) => printableLine(cell))
}

function marks({ isCurrent, isBad, hasServed }: ListedRelease): string {
  if (isCurrent) return 'current'
  if (isBad) return 'bad'
  return hasServed ? '' : 'unfinished'
}
