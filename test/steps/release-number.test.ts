import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { secret } from '../../src/core/data.ts'
import { sh } from '../../src/core/sh.ts'
import { hostValue, step } from '../../src/core/step.ts'
import { environmentLines } from '../../src/steps/environment-file.ts'
import { pruned } from '../../src/steps/prune.ts'
import { numbered, previousNumber, type Release, releaseNumber } from '../../src/steps/release.ts'
import { siteFolder } from '../../src/steps/site-layout.ts'
import { machine, shells } from '../program/harness.ts'

const site = 'example.com'
const env = `SITENAME='example.com'\nDJANGO_SECRET_KEY='k3y'\n# The variables of the stage:\nGREETING='it'"'"'s me'\n`

/** One release on the host: what it is, and how far it came. */
interface OnHost {
  readonly identity?: string
  readonly env?: string
  readonly isSwitched?: boolean
  readonly isBad?: boolean
  readonly virtualenv?: string
}

const good: OnHost = { identity: 'same', env, isSwitched: true }

describe.each(shells)('the number of a release, in %s', (shell) => {
  it.each<readonly [string, Readonly<Record<number, OnHost>>, number | undefined, string]>([
    ['is 1 on a bare host', {}, undefined, ' 1'],
    ['is that of the running release when that is what is wanted', { 7: good, 8: good }, 8, '8 8'],
    ['is the next one for another commit', { 8: { ...good, identity: 'other' } }, 8, '8 9'],
    ['is the next one for another environment', { 8: { ...good, env: env.replace('me', 'you') } }, 8, '8 9'],
    [
      'is that of an unfinished release of the same identity',
      { 8: { ...good, identity: 'other' }, 9: { identity: 'same' } },
      8,
      '8 9',
    ],
    [
      'is not that of an unfinished release with another environment',
      { 9: { identity: 'same', env: 'A=\n' } },
      undefined,
      ' 10',
    ],
    ['is not that of a release that was found bad', { 9: { identity: 'same', env, isBad: true } }, undefined, ' 10'],
    [
      'is not that of an older release that has served before',
      { 8: good, 9: { ...good, identity: 'other' } },
      9,
      '9 10',
    ],
    ['counts numbers, not letters', { 9: { identity: 'other' }, 10: { identity: 'other' } }, undefined, ' 11'],
  ])('%s', async (_, releases, current, expected) => {
    const here = machine(shell)
    layOut(here.folder, releases, current)
    const release = releaseIn(here.folder)
    const { events } = await here.run([homeAt(here.folder), ...numbered(release)])
    const values = events.flatMap((event) => (event.type === 'value.set' && event.name !== 'home' ? [event.value] : []))
    expect(values.join(' ')).toBe(expected)
  })
})

describe.each(shells)('pruned, in %s', (shell) => {
  it('keeps the newest good releases and what they need, and removes the rest, whether or not it has switched yet', async () => {
    for (const current of [8, 9]) {
      const here = machine(shell)
      const releases = {
        3: good,
        4: { ...good, isBad: true },
        5: good,
        6: { identity: 'x' },
        7: good,
        8: good,
        9: good,
      }
      layOut(here.folder, { ...releases, 5: { ...good, virtualenv: 'old' } }, current)
      mkdirSync(join(here.folder, `sites/${site}/virtualenvs/old`), { recursive: true })
      mkdirSync(join(here.folder, `sites/${site}/virtualenvs/used`), { recursive: true })
      mkdirSync(join(here.folder, `sites/${site}/virtualenvs/wanted`), { recursive: true })
      const release = releaseIn(here.folder)
      const number = step({ name: 'n', title: 'n', as: me, value: releaseNumber, check: sh`printf 9` })
      const { verdicts } = await here.run([homeAt(here.folder), number, pruned(release, { keep: 3 })])
      expect(verdicts.at(-1)).toBe('pruned: changed')
      const left = execFileSync('sh', ['-c', 'ls -d releases/* virtualenvs/*'], {
        cwd: join(here.folder, 'sites', site),
      }).toString()
      expect(left.split('\n').filter(Boolean)).toEqual([
        'releases/7',
        'releases/8',
        'releases/9',
        'virtualenvs/used',
        'virtualenvs/wanted',
      ])
    }
  })
})

const me = userInfo().username

function homeAt(folder: string) {
  return step({ name: 'home', title: 'home', as: me, value: hostValue('home'), check: sh`printf %s ${folder}` })
}

function releaseIn(folder: string): Release {
  const place = siteFolder({ site, user: me, home: hostValue('home') })
  writeFileSync(join(folder, 'stage'), '')
  return {
    site: { name: site, host: 'here', aliases: [] },
    folder: place,
    number: releaseNumber,
    previous: previousNumber,
    path: sh`${place.path}/releases/${releaseNumber}`,
    identity: sh`same`,
    unit: sh`gunicorn`,
    virtualenvName: sh`wanted`,
    commit: { id: 'c', subject: 's', ref: 'r' },
    environment: {
      computed: { SITENAME: site },
      keyNames: ['DJANGO_SECRET_KEY'],
      stage: secret('stage.env', environmentLines({ GREETING: "it's me" })),
    },
    story: {},
  }
}

function layOut(folder: string, releases: Readonly<Record<number, OnHost>>, current: number | undefined): void {
  const place = join(folder, 'sites', site)
  mkdirSync(join(place, 'env'), { recursive: true })
  writeFileSync(join(place, 'env/secret_key'), 'k3y\n')
  for (const [number, { identity, env: text, isSwitched, isBad, virtualenv = 'used' }] of Object.entries(releases)) {
    const release = join(place, 'releases', number)
    mkdirSync(join(release, '.done'), { recursive: true })
    if (identity !== undefined) writeFileSync(join(release, '.done/identity'), `${identity}\n`)
    if (text !== undefined) writeFileSync(join(release, 'env'), text)
    if (isSwitched) writeFileSync(join(release, '.done/switched'), `${number}\n`)
    if (isBad) writeFileSync(join(release, '.bad'), '')
    symlinkSync(`../../virtualenvs/${virtualenv}`, join(release, 'virtualenv'))
  }
  if (current !== undefined) symlinkSync(`releases/${current}`, join(place, 'current'))
}
