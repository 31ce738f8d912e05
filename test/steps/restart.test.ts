import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pruned } from '../../src/steps/prune.ts'
import { copied, copyOf } from '../../src/steps/release-copy.ts'
import { restartNumbers } from '../../src/steps/restart.ts'
import { rollbackNumbers } from '../../src/steps/rollback-numbers.ts'
import { type Machine, machine, type Outcome, shells } from '../program/harness.ts'
import { me, site, siteIn, valuesAt } from './site-on-host.ts'

/** One release on the host, what it is a copy of, and how far it came. */
interface OnHost {
  readonly kind?: 'deploy' | 'rollback' | 'restart'
  readonly from?: number
  readonly origin?: number
  readonly isUnfinished?: boolean
  readonly isBad?: boolean
  readonly env?: string
}

type Releases = Readonly<Record<number, OnHost>>

const theRestart = copyOf({ kind: 'restart', site, user: me })
const theRollback = copyOf({ kind: 'rollback', site, user: me })
const restartOf = (from: number, origin = from): OnHost => ({ kind: 'restart', from, origin })
const unfinished = (from: number, rest: OnHost = {}): OnHost => ({ ...restartOf(from), isUnfinished: true, ...rest })

describe.each(shells)('a restart, in %s', (shell) => {
  it.each<readonly [string, Releases, number | undefined, string]>([
    ['is a copy of the release that serves', { 7: {}, 8: {} }, 8, '8 -> 9'],
    ['is a copy of a restart', { 8: {}, 9: restartOf(8) }, 9, '9 -> 10'],
    ['takes up one that was cut short', { 8: {}, 9: unfinished(8) }, 8, '8 -> 9'],
    ['leaves a bad one behind', { 8: {}, 9: unfinished(8, { isBad: true }) }, 8, '8 -> 10'],
    ['leaves one of another release behind', { 1: {}, 8: {}, 9: unfinished(1) }, 8, '8 -> 10'],
    ['leaves one with another environment behind', { 8: {}, 9: unfinished(8, { env: 'A=2\n' }) }, 8, '8 -> 10'],
    ['leaves an unfinished deploy behind', { 8: {}, 9: { isUnfinished: true } }, 8, '8 -> 10'],
    [
      'leaves an unfinished rollback behind',
      { 1: {}, 8: {}, 9: { kind: 'rollback', from: 8, origin: 8, isUnfinished: true } },
      8,
      '8 -> 10',
    ],
    ['finds what served last where the link to it is lost', { 7: {}, 8: {}, 9: { isBad: true } }, undefined, '8 -> 10'],
  ])('%s', async (_, releases, current, expected) => {
    const here = machine(shell)
    layOut(here.folder, releases, current)
    const ran = await here.run([...valuesAt(here.folder), ...restartNumbers(theRestart)])
    const values = valuesIn(ran)
    expect(`${values.from} -> ${values.release}`).toBe(expected)
    expect([values.previous, values.virtualenv, values.commit]).toEqual([values.from, 'used', 'c0ffee'])
  })

  it('is refused where nothing was deployed, and nothing is touched', async () => {
    for (const mode of ['dry-run', 'run'] as const) {
      const here = machine(shell)
      layOut(here.folder, { 1: { isUnfinished: true } }, undefined)
      const ran = await here.run([...valuesAt(here.folder), ...restartNumbers(theRestart), copied(theRestart)], {
        mode,
      })
      const reasons = ran.events.flatMap((event) =>
        event.type === 'step.finished' && event.because !== undefined ? [event.because, event.hint] : [],
      )
      expect(reasons).toEqual([
        `Cannot restart "${site}", because it was never deployed to this host.`,
        `run: tasks deploy --site ${site}`,
      ])
      expect(releasesIn(here)).toEqual(['1'])
    }
  })

  it('is the same again: code, stamps and environment; and is told as what it is', async () => {
    const here = machine(shell)
    layOut(here.folder, { 7: {}, 8: restartOf(7) }, 8)
    const made = await restartedIn(here)
    expect(JSON.parse(readFileSync(join(made, 'release.json'), 'utf8'))).toMatchObject({
      number: 9,
      kind: 'restart',
      from: 8,
      commit: 'c0ffee',
    })
    expect(readFileSync(join(made, '.done/origin'), 'utf8')).toBe('7\n')
    expect(readFileSync(join(made, 'env'), 'utf8')).toBe('A=1\n')
    expect((statSync(join(made, 'env')).mode & 0o777).toString(8)).toBe('600')
  })

  it('leaves nothing of a copy that fails', async () => {
    const here = machine(shell)
    layOut(here.folder, { 8: {} }, 8)
    rmSync(join(siteIn(here.folder), 'releases/8/.done/identity'))
    expect((await here.run(stepsOf(here))).verdicts.at(-1)).toBe('copied: failed')
    expect(readdirSync(join(siteIn(here.folder), 'releases'))).toEqual(['8'])
  })

  it.each<readonly [string, string, Readonly<Record<string, string>>, string, string]>([
    ['the stage', 'A=1\n# The variables of the stage:\nB=1\n', { stage: 'B=2\n' }, '~ B', 'B=2\n'],
    ['what was set', 'A=1\n# What was set on the host:\nB=1\n', { config: 'B=2\nC=3\n' }, '+ C\n~ B', 'B=2\nC=3\n'],
    ['what is set for the first time', 'A=1\n', { config: 'C=3\n' }, '+ C', '# What was set on the host:\nC=3\n'],
    [
      'both',
      'A=1\n# The variables of the stage:\nB=1\n# What was set on the host:\nC=1\n',
      { stage: 'B=2\n', config: 'C=3\n' },
      '~ B\n~ C',
      'B=2\n# What was set on the host:\nC=3\n',
    ],
    [
      'not the stage of a site that has none',
      'A=1\n',
      { stage: 'B=2\n', config: '' },
      '',
      'A=1\n# What was set on the host:\n',
    ],
  ])('has the variables of now where they are younger than the release: %s', async (_, env, files, told, ending) => {
    const here = machine(shell)
    layOut(here.folder, { 8: { env } }, 8)
    for (const [name, text] of Object.entries(files)) writeFileSync(join(siteIn(here.folder), `env/${name}.env`), text)
    const announced = await here.run(stepsOf(here), { mode: 'dry-run' })
    expect(
      previewIn(announced)
        .replace(/^(release 8: .*|\+ \/.*)\n?/gm, '')
        .trim(),
    ).toBe(told)
    const text = readFileSync(join(await restartedIn(here), 'env'), 'utf8')
    expect(text.startsWith('A=1\n')).toBe(true)
    expect(text.endsWith(ending)).toBe(true)
  })

  it('has the variables of then where they are older than the release: a rollback went back with them', async () => {
    const here = machine(shell)
    layOut(here.folder, { 8: { env: 'A=1\n# The variables of the stage:\nB=1\n' } }, 8)
    const stage = join(siteIn(here.folder), 'env/stage.env')
    writeFileSync(stage, 'B=2\n')
    utimesSync(stage, 1, 1)
    expect(readFileSync(join(await restartedIn(here), 'env'), 'utf8')).toMatch(/B=1\n$/)
  })

  it.each<readonly [string, Releases, number, string]>([
    ['goes to the release before the one that was restarted', { 6: {}, 7: {}, 8: restartOf(7) }, 8, '6 -> 9'],
    ['goes to the newest copy of the one before', { 6: {}, 7: restartOf(6), 8: {} }, 8, '7 -> 9'],
  ])('leaves the way back as it is: a rollback %s', async (_, releases, current, expected) => {
    const here = machine(shell)
    layOut(here.folder, releases, current)
    const values = valuesIn(
      await here.run([...valuesAt(here.folder), ...rollbackNumbers(theRollback, { to: undefined })]),
    )
    expect(`${values.from} -> ${values.release}`).toBe(expected)
  })

  it.each<readonly [string, Releases, number, readonly number[]]>([
    ['takes no place of another one', { 5: {}, 6: {}, 7: {} }, 7, [5, 6, 7, 8]],
    ['lets the older copies go', { 5: {}, 6: {}, 7: restartOf(6), 8: restartOf(7, 6) }, 8, [5, 8, 9]],
    ['of a rollback counts as that', { 5: {}, 6: {}, 7: { kind: 'rollback', from: 5, origin: 5 } }, 7, [6, 7, 8]],
  ])('%s', async (_, releases, current, left) => {
    const here = machine(shell)
    layOut(here.folder, releases, current)
    const steps = [...stepsOf(here), pruned(theRestart, { keep: 3 })]
    const announced = await here.run(steps, { mode: 'dry-run' })
    const done = await here.run(steps)
    const verdict = (ran: Outcome) => ran.verdicts.at(-1)?.replace('would change', 'changed')
    expect(verdict(announced)).toBe(verdict(done))
    expect(releasesIn(here).map(Number)).toEqual(left)
  })
})

function stepsOf(here: Machine) {
  return [...valuesAt(here.folder), ...restartNumbers(theRestart), copied(theRestart)]
}

/** Makes the copy, and gives its folder. */
async function restartedIn(here: Machine): Promise<string> {
  const ran = await here.run(stepsOf(here))
  expect(ran.verdicts.at(-1)).toBe('copied: changed')
  return join(siteIn(here.folder), 'releases', valuesIn(ran).release ?? '')
}

function valuesIn({ events }: Outcome): Readonly<Record<string, string>> {
  return Object.fromEntries(events.flatMap((event) => (event.type === 'value.set' ? [[event.name, event.value]] : [])))
}

function previewIn({ events }: Outcome): string {
  return events.flatMap((event) => (event.type === 'step.previewed' ? event.text : [])).join('\n')
}

function releasesIn(here: Machine): readonly string[] {
  return readdirSync(join(siteIn(here.folder), 'releases')).sort((one, other) => Number(one) - Number(other))
}

function layOut(folder: string, releases: Releases, current: number | undefined): void {
  const place = siteIn(folder)
  mkdirSync(join(place, 'env'), { recursive: true })
  for (const [number, given] of Object.entries(releases)) {
    const { kind = 'deploy', from, origin, env = 'A=1\n', isUnfinished, isBad } = given
    const release = join(place, 'releases', number)
    mkdirSync(join(release, '.done'), { recursive: true })
    const write = (path: string, text: string) => writeFileSync(join(release, path), text)
    write('.done/identity', 'same\n')
    if (!isUnfinished) write('.done/switched', `${number}\n`)
    if (isBad) write('.bad', '')
    if (origin !== undefined) write('.done/origin', `${origin}\n`)
    write(
      'release.json',
      `${JSON.stringify({ number: Number(number), identity: 'same', when: 'then', ...(from && { from }), commit: 'c0ffee', subject: 'A "kind":"restart"', ref: 'main', site, kind, who: 'me@here' })}\n`,
    )
    utimesSync(join(release, 'release.json'), 1000, 1000)
    write('env', env)
    symlinkSync('../../virtualenvs/used', join(release, 'virtualenv'))
  }
  rmSync(join(place, 'current'), { force: true })
  if (current !== undefined) symlinkSync(`releases/${current}`, join(place, 'current'))
}
