import { expect, it } from 'vitest'
import type { Event, RunsListed } from '../../src/core/event.ts'
import type { PastRun, StepPlace } from '../../src/core/past-run.ts'
import { recorded } from './events.ts'
import { rendered } from './terminal.ts'

const place: StepPlace = { number: 7, of: 31, task: 'deploy', name: 'virtualenv', title: 'v', isAtWork: false }
const provisioned: PastRun = {
  run: '20261122T140233-3fa9c1',
  state: 'done',
  changed: 4,
  mode: 'run',
  task: 'deploy',
  user: 'zoë',
  machine: 'laptop',
  since: '2026-11-22T14:02:33.123Z',
}

const done: PastRun = { ...provisioned, site: 'a.example' }

const list: RunsListed = {
  type: 'runs.listed',
  host: 'web1',
  runs: [
    { ...done, state: 'running', place: { ...place, isAtWork: true } },
    provisioned,
    { ...done, changed: 0, user: 'edith' },
    { ...done, state: 'failed', place, task: 'own\u001b[31m\ntask' },
    { ...done, state: 'interrupted', place },
    { ...done, state: 'died', place: { ...place, isAtWork: true } },
    { ...done, state: 'died' },
    { ...done, state: 'locked' },
    { ...done, state: 'lost' },
  ],
}

const told = (...more: readonly Event[]) => recorded({ steps: [{ task: 'runs', name: 'runs', verdict: 'met' }], more })

it.each(['plain', 'tree'] as const)(
  'is all that %s prints on standard output: whose each run is and what came of it',
  async (kind) => {
    const streams = await rendered(told(list), { kind })
    expect(streams.text('stdout')).toBe(`\
RUN                     WHEN                  WHO           TASK      SITE       CAME TO
20261122T140233-3fa9c1  2026-11-22T14:02:33Z  zoë@laptop    deploy    a.example  running now: step 7 of 31 (virtualenv)
20261122T140233-3fa9c1  2026-11-22T14:02:33Z  zoë@laptop    deploy               done: 4 changed
20261122T140233-3fa9c1  2026-11-22T14:02:33Z  edith@laptop  deploy    a.example  done: nothing to do
20261122T140233-3fa9c1  2026-11-22T14:02:33Z  zoë@laptop    own task  a.example  failed at step 7 of 31 (virtualenv)
20261122T140233-3fa9c1  2026-11-22T14:02:33Z  zoë@laptop    deploy    a.example  interrupted after step 7 of 31 (virtualenv)
20261122T140233-3fa9c1  2026-11-22T14:02:33Z  zoë@laptop    deploy    a.example  died in step 7 of 31 (virtualenv)
20261122T140233-3fa9c1  2026-11-22T14:02:33Z  zoë@laptop    deploy    a.example  died before its first step
20261122T140233-3fa9c1  2026-11-22T14:02:33Z  zoë@laptop    deploy    a.example  gave way to another run
20261122T140233-3fa9c1  2026-11-22T14:02:33Z  zoë@laptop    deploy    a.example  never began: its client was gone
`)
  },
)

it('names the hosts where there are several, and says of which none is known', async () => {
  const few = { ...list, runs: list.runs.slice(1, 2) }
  const streams = await rendered(told(few, { ...list, host: 'web2', site: 'b.example', runs: [] }), { kind: 'plain' })
  expect(streams.text('stdout')).toBe(`\
web1:
RUN                     WHEN                  WHO         TASK    SITE  CAME TO
20261122T140233-3fa9c1  2026-11-22T14:02:33Z  zoë@laptop  deploy        done: 4 changed
web2 remembers no run of b.example.
`)
})
