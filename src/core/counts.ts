import type { Verdict } from './step.ts'

/** How many steps came to what. */
export interface Counts {
  readonly met: number
  readonly changed: number
  readonly wouldChange: number
  readonly after: number
  readonly skipped: number
  readonly failed: number
  readonly unknown: number
}

export const noCounts: Counts = { met: 0, changed: 0, wouldChange: 0, after: 0, skipped: 0, failed: 0, unknown: 0 }

/** The same counts with one more step in them. */
export function counted(counts: Counts, verdict: Verdict): Counts {
  const key = verdict === 'would change' ? 'wouldChange' : verdict
  return { ...counts, [key]: counts[key] + 1 }
}

/** The sum of two counts: of two hosts, or of two parts of a run. */
export function addCounts(one: Counts, other: Counts): Counts {
  return {
    met: one.met + other.met,
    changed: one.changed + other.changed,
    wouldChange: one.wouldChange + other.wouldChange,
    after: one.after + other.after,
    skipped: one.skipped + other.skipped,
    failed: one.failed + other.failed,
    unknown: one.unknown + other.unknown,
  }
}
