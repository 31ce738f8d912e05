import { expect, it } from 'vitest'
import { sampleOf } from '../faults/points.ts'
import { line } from '../faults/results.ts'
import { series } from '../faults/series.ts'
import { onHosts } from './host.ts'

const seed = Number(process.env.SEED ?? Date.now() % 100_000)

onHosts('A deploy that is cut', () => {
  it.each([
    ['first', 12, 4],
    ['change', 13, 8],
  ] as const)(
    'as a %s one leaves a site that serves, on Debian %i, and the next one ends its work',
    {
      timeout: 900_000,
    },
    async (kind, debian, size) => {
      process.stderr.write(`kinds of cuts as SEED=${seed} chooses them\n`)
      const results = await series(kind, {
        debian,
        choose: (points) => sampleOf(points, { size, seed }),
        tell: (result) => process.stderr.write(`${line(result)}\n`),
      })
      expect(results.filter(({ failures }) => failures.length > 0).map(line)).toEqual([])
      expect(results).toHaveLength(size)
    },
  )
})
