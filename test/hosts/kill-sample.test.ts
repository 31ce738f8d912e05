import { expect, it } from 'vitest'
import { type Kind, sampleOf } from '../faults/points.ts'
import { line } from '../faults/results.ts'
import { series } from '../faults/series.ts'
import { onHosts } from './host.ts'

const seed = Number(process.env.SEED ?? Date.now() % 100_000)

onHosts('A deploy that is cut', () => {
  it('leaves a site that serves, and the next one ends its work', { timeout: 1_800_000 }, async () => {
    process.stderr.write(`points of the kill matrix as SEED=${seed} chooses them\n`)
    const results = await series({
      debian: 13,
      kinds: ['first', 'change'],
      choose: (points) => {
        const of = (wanted: Kind) => points.filter(({ kind }) => kind === wanted)
        return [...sampleOf(of('first'), { each: 1, seed }), ...sampleOf(of('change'), { each: 1, seed })]
      },
      tell: (result) => process.stderr.write(`${line(result)}\n`),
    })
    expect(results.filter(({ failures }) => failures.length > 0).map(line)).toEqual([])
    expect(results).toHaveLength(8)
  })
})
