import { expect, it } from 'vitest'
import { type Kind, sampleOf } from '../faults/points.ts'
import { line } from '../faults/results.ts'
import { series } from '../faults/series.ts'
import { onHosts } from './host.ts'

const seed = Number(process.env.SEED ?? Date.now() % 100_000)
const both: readonly Kind[] = ['first', 'change']
/** A run with a limit on its time cuts one kind of deploy, each by turns. */
const kinds = process.env.FAULTS === 'sample' ? both.filter((_, index) => index === seed % 2) : both

onHosts('A deploy that is cut', () => {
  it('leaves a site that serves, and the next one ends its work', { timeout: 1_800_000 }, async () => {
    process.stderr.write(`points of the kill matrix, of kind ${kinds.join(' and ')}, as SEED=${seed} chooses them\n`)
    const results = await series({
      debian: 13,
      kinds,
      choose: (points) =>
        kinds.flatMap((wanted) =>
          sampleOf(
            points.filter(({ kind }) => kind === wanted),
            { each: 1, seed },
          ),
        ),
      tell: (result) => process.stderr.write(`${line(result)}\n`),
    })
    expect(results.filter(({ failures }) => failures.length > 0).map(line)).toEqual([])
    expect(results).toHaveLength(4 * kinds.length)
  })
})
