import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { turnsUnderLoad } from '../faults/load.ts'
import { toldWhy } from '../told.ts'
import { onHosts } from './host.ts'

const lacking = spawnSync('wrk', ['-v']).error && 'wrk is not installed'
const turns = Number(process.env.TURNS ?? 4)

onHosts('A site under load', () => {
  describe.skipIf(toldWhy('deploys and rollbacks under load', lacking))(
    'that is deployed and rolled back in turn',
    () => {
      it('answers each request, from a release that passed its gate', { timeout: 3_600_000 }, async () => {
        const { idle, busy, good, bad, failures } = await turnsUnderLoad(13, turns)
        process.stderr.write(`${JSON.stringify({ turns, idle, busy })}\n`)
        expect(failures).toEqual([])
        expect(busy.errors).toEqual({ connect: 0, read: 0, write: 0, timeout: 0 })
        expect(new Set(Object.keys(busy.answers))).toEqual(new Set(good.map((release) => `200 ${release}`)))
        expect(good).toHaveLength(turns + 1)
        expect(good).not.toContain(bad)
      })
    },
  )
})
