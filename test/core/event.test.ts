import { expect, it } from 'vitest'
import { addCounts, counted, noCounts } from '../../src/core/counts.ts'
import type { Verdict } from '../../src/core/step.ts'

const verdicts: readonly Verdict[] = ['met', 'changed', 'would change', 'after', 'skipped', 'failed', 'unknown']

it('counts each verdict once, in its own place', () => {
  const all = verdicts.reduce(counted, noCounts)
  expect(all).toEqual({ met: 1, changed: 1, wouldChange: 1, after: 1, skipped: 1, failed: 1, unknown: 1 })
  expect(noCounts.met).toBe(0)
})

it('adds the counts of two hosts, verdict by verdict', () => {
  const one = ['met', 'met', 'changed'].reduce((counts, verdict) => counted(counts, verdict as Verdict), noCounts)
  const other = verdicts.reduce(counted, noCounts)
  expect(addCounts(one, other)).toEqual({
    met: 3,
    changed: 2,
    wouldChange: 1,
    after: 1,
    skipped: 1,
    failed: 1,
    unknown: 1,
  })
})
