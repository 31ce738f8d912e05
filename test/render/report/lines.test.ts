import { expect, it } from 'vitest'
import type { Event } from '../../../src/core/event.ts'
import { reportLines } from '../../../src/render/report/lines.ts'
import { Runs } from '../../../src/render/report/runs.ts'
import { deployed } from '../events.ts'

function linesFor(events: readonly Event[]): readonly string[] {
  const runs = new Runs()
  for (const event of events) runs.take(event)
  const report = runs.report()
  return report === undefined ? [] : reportLines(report)
}

it('a run in a few lines: each task, the notes, the release that serves, what it came to', () => {
  expect(linesFor(deployed)).toEqual([
    'provision, deploy on web1, 2026-11-22 10:00:00 UTC (run r1)',
    '  web1  provision  1 changed, 2 already so, 12.3 s',
    '  web1  deploy  2 changed, 1 skipped, <0.1 s',
    'ℹ Django 5.2 in src/, settings superlists.settings',
    '⚠ warning: SECURE_HSTS_SECONDS is not set.',
    '  → set it in the settings',
    'staging.example.com now serves release 8 (3f2a1c9)',
    'Done: 3 changed, 2 already so, 1 skipped (41 s).',
  ])
})

it('a run that was cut says so, on one harmless line', () => {
  const events = deployed
    .slice(0, 6)
    .map((event) => (event.type === 'run.started' ? { ...event, run: 'r\x1b[31m\n1' } : event))
  expect(linesFor(events).at(0)).toBe('provision, deploy on web1, 2026-11-22 10:00:00 UTC (run r 1)')
  expect(linesFor(events).at(-1)).toBe('The events end before the run does.')
})
