import { describe, expect, it } from 'vitest'
import type { Mode } from '../../src/core/event.ts'
import type { Outcome } from '../../src/core/outcome.ts'
import type { Verdict } from '../../src/core/step.ts'
import { connected, countsOf, ended, recorded, stepEvents } from './events.ts'
import { rendered } from './terminal.ts'

interface Case {
  readonly mode?: Mode
  readonly outcome?: Outcome
  readonly took?: number
  readonly verdicts: readonly (readonly [count: number, verdict: Verdict])[]
  readonly says: string
}

const cases: readonly Case[] = [
  {
    verdicts: [
      [12, 'changed'],
      [23, 'met'],
    ],
    says: 'Done: 12 changed, 23 already so (41 s).',
  },
  { verdicts: [[35, 'met']], says: 'Nothing to do: all 35 steps are already so.' },
  { verdicts: [[1, 'met']], says: 'Nothing to do: the one step is already so.' },
  { verdicts: [], took: 3210, says: 'Done (3.2 s).' },
  {
    verdicts: [
      [2, 'changed'],
      [1, 'skipped'],
    ],
    took: 125_000,
    says: 'Done: 2 changed, 1 skipped (2 min 5 s).',
  },
  {
    verdicts: [
      [1, 'skipped'],
      [4, 'met'],
    ],
    says: 'Done: 4 already so, 1 skipped (41 s).',
  },
  {
    outcome: 'failed',
    verdicts: [
      [3, 'changed'],
      [12, 'met'],
      [1, 'failed'],
    ],
    says: 'Failed: 3 changed, 12 already so, 1 failed (41 s).',
  },
  { outcome: 'failed', verdicts: [], took: 400, says: 'Failed (0.4 s).' },
  { outcome: 'interrupted', verdicts: [[3, 'changed']], says: 'Interrupted: 3 changed (41 s).' },
  { outcome: 'unknown', verdicts: [[3, 'changed']], says: 'Ended unknown: 3 changed (41 s).' },
  {
    mode: 'step',
    verdicts: [
      [1, 'changed'],
      [2, 'skipped'],
    ],
    says: 'Done: 1 changed, 2 skipped (41 s).',
  },
  {
    mode: 'dry-run',
    verdicts: [
      [12, 'would change'],
      [3, 'after'],
      [20, 'met'],
    ],
    says: 'Dry run: 12 would change, 3 are decided after them, 20 already so. Nothing was touched.',
  },
  {
    mode: 'dry-run',
    verdicts: [
      [1, 'would change'],
      [1, 'after'],
    ],
    says: 'Dry run: 1 would change, 1 is decided after it. Nothing was touched.',
  },
  { mode: 'dry-run', verdicts: [[35, 'met']], says: 'Nothing to do: all 35 steps are already so.' },
  {
    mode: 'dry-run',
    outcome: 'failed',
    verdicts: [
      [1, 'met'],
      [1, 'failed'],
      [1, 'unknown'],
    ],
    says: 'Dry run failed: 1 already so, 1 failed, 1 unknown. Nothing was touched.',
  },
  { mode: 'dry-run', verdicts: [], says: 'Dry run: nothing was touched.' },
  { mode: 'dry-run', outcome: 'interrupted', verdicts: [], says: 'Dry run interrupted. Nothing was touched.' },
]

describe('the last line', () => {
  it.each(cases)('says "$says"', async ({ mode = 'run', outcome = 'done', took = 41_200, verdicts, says }) => {
    const counts = countsOf(verdicts.flatMap(([count, verdict]) => Array<Verdict>(count).fill(verdict)))
    const streams = await rendered([ended({ mode, outcome, took, counts })], { kind: 'plain' })
    expect(streams.text('stdout')).toBe(`${says}\n`)
  })

  it('counts what was not reached, where the plan is known', async () => {
    const steps = [
      { task: 'go', name: 'a', verdict: 'changed' },
      { task: 'go', name: 'b', verdict: 'met' },
      { task: 'go', name: 'c', verdict: 'met' },
    ] as const
    const begun = [...connected('web1', steps), ...stepEvents('web1', steps[0])]
    const interrupted = await rendered([...begun, ended({ outcome: 'interrupted', counts: countsOf(['changed']) })], {
      kind: 'plain',
    })
    expect(interrupted.text('stdout')).toBe('Interrupted: 1 changed, 2 left to do (41 s).\n')
    expect(interrupted.text('stderr')).toMatch(
      /\n {2}→ run the same command again: it goes on where this one stopped\n$/,
    )
    const lost = await rendered([...begun, ended({ outcome: 'unknown', counts: countsOf(['changed']) })], {
      kind: 'plain',
    })
    expect(lost.text('stdout')).toBe('Ended unknown: 1 changed, 2 not heard of (41 s).\n')
  })

  it('stands below a line for each host, when there are several', async () => {
    const events = recorded({ hosts: ['db', 'web10'], steps: [{ task: 'go', name: 'a', verdict: 'changed' }] }).flatMap(
      (event) =>
        event.type === 'host.finished' && event.host === 'db' ? [{ ...event, outcome: 'failed' as const }] : [event],
    )
    const streams = await rendered(events, { kind: 'plain' })
    expect(streams.text('stdout')).toBe('db     failed  1 changed\nweb10  1 changed\nDone: 2 changed (41 s).\n')
  })
})
