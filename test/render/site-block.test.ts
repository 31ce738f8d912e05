import { expect, it } from 'vitest'
import type { SiteStatus } from '../../src/core/event.ts'
import { recorded } from './events.ts'
import { rendered, Streams } from './terminal.ts'

const well: SiteStatus = {
  type: 'site.status',
  host: 'web1',
  site: 'staging.example.com',
  release: {
    number: 12,
    when: '2026-11-20T08:00:00Z',
    who: 'edith@laptop',
    commit: '6fd843b2b666c0ffee',
    subject: 'Without \u001b[31mhtop',
    kind: 'restart',
    from: 9,
    isCurrent: true,
    isBad: false,
    hasServed: true,
  },
  servesSince: '2026-11-20T08:00:09Z',
  unit: {
    name: 'gunicorn-staging.example.com@12.service',
    state: 'active',
    since: '2026-11-20T08:00:02Z',
    startsAtBoot: true,
    workers: 3,
    memory: 112_200_000,
    restarts: 0,
  },
  health: { isHealthy: true },
  disk: { used: 70_721_536, free: 58_900_000_000 },
  certificate: { issuer: "Let's Encrypt", expires: '2027-02-20T12:00:00Z', isForSite: true },
  drift: { kind: 'none' },
}

const { certificate: _, ...withHttp } = well
const down: SiteStatus = {
  ...withHttp,
  health: { isHealthy: false, because: 'its release does not answer' },
  unit: { name: 'gunicorn-staging.example.com@12.service', state: 'failed', startsAtBoot: false, restarts: 1 },
  drift: { kind: 'some', steps: 1 },
}
const missing: SiteStatus = {
  type: 'site.status',
  host: 'web1',
  site: 'new.example.com',
  health: { isHealthy: false, because: 'it was never deployed to this host' },
  disk: {},
  drift: { kind: 'unknown', because: 'the config does not know it' },
}

const told = (...more: readonly SiteStatus[]) =>
  recorded({ steps: [{ task: 'status', name: 'status', verdict: 'met' }], more })

it.each(['plain', 'tree'] as const)('is all that %s prints on standard output, a block for each site', async (kind) => {
  const streams = await rendered(told(well, down, missing), { kind, columns: () => 200 })
  expect(streams.text('stdout')).toBe(`\
staging.example.com  healthy
  host         web1
  release      12 since 2026-11-20 08:00 UTC (restart of 9 by edith@laptop): 6fd843b Without htop
  unit         gunicorn-staging.example.com@12.service: active since 2026-11-20 08:00 UTC, 3 workers, 112.2 MB of memory
  disk         70.7 MB used, 58.9 GB free
  certificate  Let's Encrypt, until 2027-02-20 12:00 UTC
  drift        none

staging.example.com  down: its release does not answer
  host         web1
  release      12 since 2026-11-20 08:00 UTC (restart of 9 by edith@laptop): 6fd843b Without htop
  unit         gunicorn-staging.example.com@12.service: failed, started anew once, does not start at boot
  disk         70.7 MB used, 58.9 GB free
  certificate  none: http
  drift        1 step would change: tasks deploy --site staging.example.com --dry-run
  → run on the host: sudo journalctl -u 'gunicorn-staging.example.com@*'

new.example.com  not deployed
  host   web1
  drift  unknown: the config does not know it
  → run: tasks deploy --site new.example.com
`)
})

it('is folded under its words where a terminal is narrow', async () => {
  const streams = new Streams({ rows: 24 })
  const drift = { kind: 'unknown', because: 'a b c d e f g h i j k l m n o p q r s' } as const
  await rendered(told({ ...missing, drift }), { kind: 'tree', columns: () => 34, ...streams })
  expect(streams.text('stdout')).toContain(`
  host   web1
  drift  unknown: a b c d e f g h
         i j k l m n o p q r s
`)
})

it('is told in JSON as it is', async () => {
  const streams = await rendered(told(well), { kind: 'json' })
  expect(
    streams
      .text('stdout')
      .split('\n')
      .filter((line) => line.includes('site.status')),
  ).toEqual([JSON.stringify(well)])
})
