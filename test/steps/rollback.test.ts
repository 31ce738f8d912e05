import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Step } from '../../src/core/step.ts'
import { home } from '../../src/steps/home.ts'
import { copied, copyOf } from '../../src/steps/release-copy.ts'
import { releasesListed } from '../../src/steps/releases.ts'
import { migrationsLeft } from '../../src/steps/rollback.ts'
import { rollbackNumbers } from '../../src/steps/rollback-numbers.ts'
import { machine, type Outcome, shells } from '../program/harness.ts'
import { me, site, siteIn, valuesAt } from './site-on-host.ts'

/** One release on the host, and how far it came. */
interface OnHost {
  readonly isUnfinished?: boolean
  readonly isBad?: boolean
  readonly origin?: number
  readonly migrations?: readonly string[]
}

type Releases = Readonly<Record<number, OnHost>>

const none = `Cannot roll back "${site}"`
const theCopy = copyOf({ kind: 'rollback', site, user: me })

describe.each(shells)('a rollback, in %s', (shell) => {
  it.each<readonly [string, Releases, number, number | undefined, string]>([
    ['is from the newest one before', { 1: {}, 2: {}, 3: {} }, 3, undefined, '2 -> 4'],
    ['compares numbers, not letters', { 9: {}, 10: {}, 11: {} }, 11, undefined, '10 -> 12'],
    [
      'passes over bad and unfinished ones',
      { 1: {}, 2: { isBad: true }, 3: { isUnfinished: true }, 4: {} },
      4,
      undefined,
      '1 -> 5',
    ],
    [
      'leaves the numbers of bad newer ones alone',
      { 1: {}, 2: {}, 3: { isBad: true, isUnfinished: true } },
      2,
      undefined,
      '1 -> 4',
    ],
    ['is from the one that was asked for', { 1: {}, 2: {}, 3: {} }, 3, 1, '1 -> 4'],
    ['may go forward again', { 1: {}, 2: {}, 3: { origin: 1 } }, 3, 2, '2 -> 4'],
    ['goes further back when one serves already', { 1: {}, 2: {}, 3: {}, 4: { origin: 2 } }, 4, undefined, '1 -> 5'],
    ['is done when a copy of the wanted one serves', { 1: {}, 2: {}, 3: { origin: 1 } }, 3, 1, '1 -> 3'],
    ['is done when the wanted one serves', { 1: {}, 2: {} }, 2, 2, '2 -> 2'],
    ['takes up an unfinished one', { 1: {}, 2: {}, 3: { origin: 1, isUnfinished: true } }, 2, undefined, '1 -> 3'],
    [
      'does not take up a bad one',
      { 1: {}, 2: {}, 3: { origin: 1, isUnfinished: true, isBad: true } },
      2,
      undefined,
      '1 -> 4',
    ],
    [
      'does not take up one from another',
      { 1: {}, 2: {}, 3: {}, 4: { origin: 1, isUnfinished: true } },
      3,
      undefined,
      '2 -> 5',
    ],
  ])('%s', async (_, releases, current, to, expected) => {
    const here = machine(shell)
    layOut(here.folder, releases, current)
    const { events } = await here.run([...valuesAt(here.folder), ...rollbackNumbers(theCopy, { to })])
    const values = Object.fromEntries(
      events.flatMap((event) => (event.type === 'value.set' ? [[event.name, event.value]] : [])),
    )
    expect(`${values.from} -> ${values.release}`).toBe(expected)
    expect([values.previous, values.virtualenv, values.commit]).toEqual([String(current), 'used', 'c0ffee'])
  })

  it.each<readonly [string, Releases, number | undefined, number | undefined, string]>([
    ['is the first', { 1: {} }, 1, undefined, `${none}, because release 1 is its first good one.`],
    [
      'is a copy of the first',
      { 1: {}, 2: {}, 3: { origin: 1 } },
      3,
      undefined,
      `${none}, because release 1 is its first good one.`,
    ],
    ['was never there', {}, undefined, undefined, `${none}, because it was never deployed to this host.`],
    [
      'lacks the number',
      { 1: {}, 2: {} },
      2,
      7,
      `${none} to release 7, because there is no such release. (its good releases: 2, 1)`,
    ],
    [
      'lacks such a number',
      { 1: {}, 2: {} },
      2,
      1.5,
      `${none} to release 1.5, because there is no such release. (its good releases: 2, 1)`,
    ],
    [
      'had it bad',
      { 1: {}, 2: { isBad: true, isUnfinished: true }, 3: {} },
      3,
      2,
      `${none} to release 2, because it was found bad. (its good releases: 3, 1)`,
    ],
    [
      'never served it',
      { 1: {}, 2: { isUnfinished: true }, 3: {} },
      3,
      2,
      `${none} to release 2, because it never served. (its good releases: 3, 1)`,
    ],
  ])('is refused where the site %s, and nothing is touched', async (_, releases, current, to, expected) => {
    for (const mode of ['run', 'dry-run'] as const) {
      const here = machine(shell)
      layOut(here.folder, releases, current)
      const before = readdirSync(join(siteIn(here.folder), 'releases'))
      const ran = await here.run([...valuesAt(here.folder), ...rollbackNumbers(theCopy, { to }), copied(theCopy)], {
        mode,
      })
      expect(reasonIn(ran)).toContain(expected)
      expect(ran.verdicts).not.toContain('copied: would change')
      expect(readdirSync(join(siteIn(here.folder), 'releases'))).toEqual(before)
    }
  })

  it('copies all but what the old release is alone in, names later migrations, and does it once', async () => {
    const here = machine(shell)
    layOut(here.folder, { 1: { migrations: ['0001_initial'] }, 2: { migrations: ['0001_initial', '0002_due'] } }, 2)
    const steps: readonly Step[] = [
      ...valuesAt(here.folder),
      ...rollbackNumbers(theCopy, { to: undefined }),
      migrationsLeft(theCopy),
      copied(theCopy),
    ]
    const announced = await here.run(steps, { mode: 'dry-run' })
    expect(announced.verdicts.slice(-2)).toEqual(['migrations: met', 'copied: would change'])
    const done = await here.run(steps)
    expect(done.verdicts.slice(-2)).toEqual(['migrations: met', 'copied: changed'])
    expect(done.events).toContainEqual(
      expect.objectContaining({
        type: 'note.told',
        level: 'warning',
        message: expect.stringContaining(': lists.0002_due.'),
      }),
    )
    const made = join(siteIn(here.folder), 'releases/3')
    const text = (path: string) => readFileSync(join(made, path), 'utf8')
    expect(JSON.parse(text('release.json'))).toMatchObject({
      number: 3,
      identity: 'same',
      kind: 'rollback',
      from: 1,
      commit: 'c0ffee',
      subject: 'Say "a\\b", \'c\' and $d',
      ref: 'main',
      site,
    })
    expect(text('overlay/overlay.json')).toBe(`{"static_root": "${siteIn(here.folder)}/releases/3/static"}`)
    expect([text('env'), text('.done/identity'), text('.done/origin')]).toEqual(['A=1\n', 'same\n', '1\n'])
    expect(existsSync(join(made, '.done/switched')) || existsSync(join(made, '.done/healthy'))).toBe(false)
    expect(readlinkSync(join(made, 'socket'))).toBe(`/run/gunicorn-${site}/3/socket`)
    expect((await here.run(steps)).verdicts.at(-1)).toBe('copied: met')
    expect(readdirSync(join(siteIn(here.folder), 'releases'))).toEqual(['1', '2', '3'])
  })
})

describe.each(shells)('the list of releases, in %s', (shell) => {
  it('is newest first, with what each is, also where its story is damaged', async () => {
    const here = machine(shell)
    layOut(
      here.folder,
      { 2: {}, 9: { isBad: true, isUnfinished: true }, 10: { origin: 2 }, 11: { isUnfinished: true } },
      10,
    )
    writeFileSync(join(siteIn(here.folder), 'releases/9/release.json'), '{"number":')
    const [list] = listsIn(await here.run([...valuesAt(here.folder), releasesListed({ site, user: me, home })]))
    expect(list?.releases).toMatchObject([
      { number: 11, isCurrent: false, isBad: false, hasServed: false },
      { number: 10, isCurrent: true, hasServed: true, subject: 'Say "a\\b", \'c\' and $d', who: 'me@here' },
      { number: 9, isBad: true, commit: '', subject: '' },
      { number: 2, kind: 'deploy', commit: 'c0ffee', isCurrent: false, hasServed: true },
    ])
  })

  it('is empty for a site that is not there', async () => {
    const here = machine(shell)
    const listed = await here.run([...valuesAt(here.folder), releasesListed({ site, user: me, home })])
    expect(listsIn(listed)).toMatchObject([{ site, releases: [] }])
  })
})

function listsIn({ events }: Outcome) {
  return events.flatMap((event) => (event.type === 'releases.listed' ? [event] : []))
}

function reasonIn({ events }: Outcome): string | undefined {
  const reasons = events.flatMap((event) =>
    event.type === 'step.finished' && event.because !== undefined ? [`${event.because} (${event.hint})`] : [],
  )
  return reasons[0]
}

function layOut(folder: string, releases: Releases, current: number | undefined): void {
  const place = siteIn(folder)
  mkdirSync(join(place, 'releases'), { recursive: true })
  for (const [number, { isUnfinished, isBad, origin, migrations = [] }] of Object.entries(releases)) {
    const release = join(place, 'releases', number)
    const write = (path: string, text: string) => {
      mkdirSync(join(release, path, '..'), { recursive: true })
      writeFileSync(join(release, path), text)
    }
    write('.done/identity', 'same\n')
    write('.done/healthy', `${number}\n`)
    if (!isUnfinished) write('.done/switched', `${number}\n`)
    if (isBad) write('.bad', '')
    if (origin !== undefined) write('.done/origin', `${origin}\n`)
    const kind = origin === undefined ? 'deploy' : 'rollback'
    write('release.json', `${JSON.stringify({ number: Number(number), ...story, kind })}\n`)
    write('overlay/overlay.json', `{"static_root": "${release}/static"}`)
    write('env', 'A=1\n')
    write('source/manage.py', '')
    for (const name of migrations) write(`source/lists/migrations/${name}.py`, '')
    symlinkSync('../../virtualenvs/used', join(release, 'virtualenv'))
    symlinkSync(`/run/gunicorn-${site}/${number}/socket`, join(release, 'socket'))
  }
  if (current !== undefined) symlinkSync(`releases/${current}`, join(place, 'current'))
}

const story = {
  identity: 'same',
  when: '2026-01-01T00:00:00Z',
  site,
  kind: 'deploy',
  commit: 'c0ffee',
  subject: 'Say "a\\b", \'c\' and $d',
  ref: 'main',
  who: 'me@here',
}
