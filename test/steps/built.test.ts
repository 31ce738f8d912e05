import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sh } from '../../src/core/sh.ts'
import { type Step, step } from '../../src/core/step.ts'
import { built } from '../../src/steps/built.ts'
import { releaseFolder } from '../../src/steps/release.ts'
import { room } from '../../src/steps/room.ts'
import { machine, shells } from '../program/harness.ts'
import { me, releaseOf, siteIn, valuesAt } from './site-on-host.ts'

const release = releaseOf()

function making(apply: Step['apply'] & {}): Step {
  return step({ name: 'making', title: 'making', as: me, check: sh`false`, apply })
}

describe.each(shells)('in %s, a release that is being built', (shell) => {
  const here = () => {
    const box = machine(shell)
    const place = siteIn(box.folder)
    for (const folder of ['releases', 'virtualenvs', 'database']) mkdirSync(join(place, folder))
    execFileSync('git', ['init', '--quiet', '--bare', join(place, 'repository.git')])
    return { place, run: (...steps: readonly Step[]) => box.run([...valuesAt(box.folder, 2), ...steps]) }
  }
  const half = sh`
    mkdir -p -- ${release.folder.path}/virtualenvs/wanted ${release.path}/source/a
    chmod a-w -- ${release.path}/source
    printf 'no luck\n'
    false
    printf 'never said\n'`

  it('leaves nothing when a step fails, whose words and exit code are as before', async () => {
    const { place, run } = here()
    const { verdicts, events } = await run(...built(release, [releaseFolder(release), making(half)]))
    expect(verdicts.slice(2)).toEqual(['release folder: changed', 'making: failed'])
    const said = events.flatMap((event) => (event.type === 'step.output' ? event.text : [])).join('')
    expect(said.trim()).toBe('no luck')
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'step.finished',
        because: 'Cannot establish "making" on "here", because its command ended with exit code 1.',
      }),
    )
    expect([readdirSync(join(place, 'releases')), readdirSync(join(place, 'virtualenvs'))]).toEqual([[], []])
  })

  it('keeps a whole virtualenv for the next try, and what other releases need', async () => {
    const { place, run } = here()
    for (const name of ['wanted', 'needed', 'forgotten']) mkdirSync(join(place, 'virtualenvs', name))
    writeFileSync(join(place, 'virtualenvs/wanted/.complete'), '')
    mkdirSync(join(place, 'releases/1'))
    symlinkSync('../../virtualenvs/needed', join(place, 'releases/1/virtualenv'))
    await run(...built(release, [releaseFolder(release), making(sh`exit 3`)]))
    expect([readdirSync(join(place, 'releases')), readdirSync(join(place, 'virtualenvs'))]).toEqual([
      ['1'],
      ['needed', 'wanted'],
    ])
  })

  it.each([
    ['serves', (place: string) => symlinkSync('releases/2', join(place, 'current'))],
    ['served once', (place: string) => writeFileSync(join(place, 'releases/2/.done/switched'), '2\n')],
    ['was found bad', (place: string) => writeFileSync(join(place, 'releases/2/.bad'), '')],
  ])('stays when it %s', async (_, make) => {
    const { place, run } = here()
    mkdirSync(join(place, 'releases/2/.done'), { recursive: true })
    make(place)
    await run(...built(release, [making(sh`exit 1`)]))
    expect(existsSync(join(place, 'releases/2'))).toBe(true)
  })

  it('has only the newest of the bad ones beside it', async () => {
    const { place, run } = here()
    for (const number of [3, 10, 12]) {
      mkdirSync(join(place, `releases/${number}`))
      writeFileSync(join(place, `releases/${number}/.bad`), '')
    }
    await run(...built(release, [releaseFolder(release)]))
    expect(readdirSync(join(place, 'releases')).sort()).toEqual(['12', '2'])
  })

  it('has no room on a disk that is too small, and is asked for none once it is there', async () => {
    const { place, run } = here()
    const wanting = room(release, { kib: 10 ** 12, files: 7 })
    const { events } = await run(wanting)
    expect(events).toContainEqual(
      expect.objectContaining({
        verdict: 'failed',
        because: expect.stringMatching(
          /^Cannot build release 2 of "example\.com", because \d+ MiB are free at "\S+\/(releases|virtualenvs)" and about 29296\d+ MiB are wanted\.$/,
        ),
      }),
    )
    mkdirSync(join(place, 'releases/2/.done'), { recursive: true })
    mkdirSync(join(place, 'virtualenvs/wanted'), { recursive: true })
    writeFileSync(join(place, 'releases/2/.done/source'), '')
    expect((await run(wanting)).verdicts.at(-1)).toMatch(/^room: (met|failed)$/)
    writeFileSync(join(place, 'virtualenvs/wanted/.complete'), '')
    expect((await run(wanting)).verdicts.at(-1)).toBe('room: met')
  })
})
