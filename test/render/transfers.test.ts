import { describe, expect, it } from 'vitest'
import type { Event } from '../../src/core/event.ts'
import { drawing, rendered } from './terminal.ts'

const started = (hosts: readonly string[]): Event => ({
  type: 'run.started',
  run: 'r1',
  mode: 'run',
  tasks: ['seed'],
  hosts,
  at: '',
})
const of = { host: 'web1', transfer: 'a1' }
const put: Event = {
  ...of,
  type: 'transfer.started',
  direction: 'put',
  source: 'dist',
  target: '/srv/app\u001b[2J',
  total: 12_000_000,
}
const half: Event = { ...of, type: 'transfer.progressed', bytes: 6_000_000 }
const done: Event = { ...of, type: 'transfer.finished', outcome: 'done', files: 431, bytes: 12_000_000, took: 2_100 }

const endings = (['done', 'failed', 'interrupted', 'unknown'] as const).map(
  (outcome): Event => ({ ...of, type: 'transfer.finished', outcome, files: 1, bytes: 12_000_000, took: 2_100 }),
)

describe('a transfer', () => {
  it('is a row with a bar, a percentage and a rate, then a line for good', async () => {
    const { draw, clock, screen, renderer } = drawing({ columns: 120 })
    await draw(started(['web1']), put)
    clock.pass(500)
    expect(await screen()).toContain('put dist → /srv/app  ░░░░░░░░░░░░░░░░░░░░    0 %  0 B of 12.0 MB')
    await draw(half)
    clock.pass(1_500)
    expect(await screen()).toMatch(/██████████░░░░░░░░░░ {3}50 % {2}6\.0 MB of 12\.0 MB {2}2\.\d MB\/s/)
    await draw(done)
    clock.pass(80)
    expect(await screen()).toContain('✔ put dist → /srv/app  12.0 MB in 431 files (2.1 s)')
    expect(await screen()).not.toContain('%')
    await renderer.end()
  })

  it('tells only what has passed where nobody knows how much there is', async () => {
    const { draw, clock, screen, renderer } = drawing({ columns: 120 })
    await draw(started(['web1']), { ...of, type: 'transfer.started', direction: 'read', source: '/var/log/x' }, half)
    clock.pass(2_000)
    expect(await screen()).toContain('read /var/log/x  6.0 MB  2.9 MB/s')
    await renderer.end()
  })

  it('stands in the row of its host where there are several, and is named with it', async () => {
    const { draw, clock, screen, renderer } = drawing({ columns: 120 })
    await draw(started(['web1', 'web2']), put, half)
    clock.pass(2_000)
    expect(await screen()).toMatch(/web1\s*\n\s+\S put dist → \S+ {2}█{10}/)
    await draw(done)
    clock.pass(80)
    expect(await screen()).toContain('✔ web1: put dist → /srv/app  12.0 MB in 431 files (2.1 s)')
    await renderer.end()
  })

  it('is two plain lines, and says what its target is like when it ended otherwise', async () => {
    for (const [index, words] of [
      '12.0 MB (2.1 s)',
      'failed: nothing was changed',
      'interrupted: nothing was changed',
      'unknown: it is all there, or as it was',
    ].entries()) {
      const streams = await rendered([started(['web1']), put, half, endings[index] as Event], { kind: 'plain' })
      expect(streams.text('stderr')).toBe(`web1  put dist → /srv/app …\nweb1  put dist → /srv/app … ${words}\n`)
    }
  })

  it('is its events, for programs', async () => {
    const streams = await rendered([started(['web1']), put, half, done], { kind: 'json' })
    const lines = streams.text('stdout').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).type)).toEqual(['run.started', put.type, half.type, done.type])
  })
})
