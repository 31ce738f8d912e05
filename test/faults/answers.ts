import type { Outage } from './cut.ts'
import type { Kind } from './points.ts'
import { type Answer, type Page, pageOf } from './visitor.ts'

/** What is known of a site's releases and rows when its answers are judged. */
export interface Truth {
  readonly kind: Kind
  /** The version of each release that may have answered, by its number: the old one and the new. */
  readonly versions: ReadonlyMap<number, number>
  /** The rows that were there all along. */
  readonly rows: readonly number[]
  /** The time for which nobody could reach the host, and may be refused. */
  readonly outage: Outage | undefined
}

/** What is wrong with the answers that a visitor got while a deploy was cut and repeated, one line each. */
export function wrongAnswers(answers: readonly Answer[], truth: Truth): readonly string[] {
  const wrong: string[] = []
  let newest = 0
  let hasServed = truth.kind === 'change'
  for (const answer of answers) {
    const because = whyWrong(answer, truth, hasServed)
    if (because !== undefined)
      wrong.push(`${because}: ${answer.status} ${answer.release ?? ''} ${answer.body.slice(0, 300)}`)
    if (answer.release === undefined) continue
    if (answer.release < newest) wrong.push(`release ${answer.release} answers after release ${newest}`)
    newest = Math.max(newest, answer.release)
    hasServed = true
  }
  return wrong
}

function whyWrong(answer: Answer, truth: Truth, hasServed: boolean): string | undefined {
  const page = pageOf(answer)
  if (page === undefined) return mayLack(answer, truth, hasServed) ? undefined : 'not the site'
  return whyMixed(page, answer, truth)
}

/** While it is out of reach or boots, a host refuses, or its nginx waits for the application. Before its first release a name gets no answer at all. */
function mayLack({ status, asked, answered }: Answer, { outage }: Truth, hasServed: boolean): boolean {
  if (outage && asked < outage.to && answered > outage.from) return typeof status === 'string' || status === 502
  return !hasServed && status === 'ECONNRESET'
}

/** What may not be together in one response. */
export function whyMixed(
  page: Page,
  { release = 0 }: Answer,
  { versions, rows }: Omit<Truth, 'outage'>,
): string | undefined {
  const version = versions.get(release)
  if (version === undefined) return 'a release that should not serve'
  if (page.version !== version) return `code of version ${page.version} in release ${release}`
  if (page.package !== version) return `the package of version ${page.package} in release ${release}`
  if (page.rows.join() !== rows.join()) return 'rows are lost'
  if (page.migrated.length < version) return 'older schema than code'
  if (page.migrated.some((number, index) => number !== index + 1)) return 'a migration was done twice'
  return undefined
}

/** How often each status came. */
export function statuses(answers: readonly Answer[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
