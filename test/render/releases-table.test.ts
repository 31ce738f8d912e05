import { expect, it } from 'vitest'
import type { Event, ReleasesListed } from '../../src/core/event.ts'
import type { ListedRelease } from '../../src/core/listed-release.ts'
import { recorded } from './events.ts'
import { rendered } from './terminal.ts'

const first: ListedRelease = {
  number: 9,
  when: '2026-11-20T08:00:00Z',
  who: 'edith@laptop',
  commit: '6fd843b2b666c0ffee',
  subject: 'Without htop',
  kind: 'deploy',
  isCurrent: false,
  isBad: false,
  hasServed: true,
}

const list: ReleasesListed = {
  type: 'releases.listed',
  host: 'web1',
  site: 'staging.example.com',
  releases: [
    { ...first, number: 12, isCurrent: true, kind: 'rollback', from: 9 },
    { ...first, number: 11, isBad: true, hasServed: false, subject: 'Break \u001b[31mit' },
    { ...first, number: 10, hasServed: false, commit: '', subject: '' },
    first,
  ],
}

const told = (event: Event) =>
  recorded({ steps: [{ task: 'releases', name: 'releases', verdict: 'met' }], more: [event] })

it.each(['plain', 'tree'] as const)(
  'is all that %s prints on standard output, with what each release is',
  async (kind) => {
    const streams = await rendered(told(list), { kind })
    expect(streams.text('stdout')).toBe(`\
RELEASE  WHEN                  WHO           KIND                       COMMIT
12       2026-11-20T08:00:00Z  edith@laptop  rollback to 9  current     6fd843b Without htop
11       2026-11-20T08:00:00Z  edith@laptop  deploy         bad         6fd843b Break it
10       2026-11-20T08:00:00Z  edith@laptop  deploy         unfinished
9        2026-11-20T08:00:00Z  edith@laptop  deploy                     6fd843b Without htop
`)
  },
)

it('says that there are none, also to who wants little said', async () => {
  const streams = await rendered(told({ ...list, releases: [] }), { kind: 'plain', level: 'quiet' })
  expect(streams.text('stdout')).toBe('staging.example.com has no releases on web1.\n')
})
