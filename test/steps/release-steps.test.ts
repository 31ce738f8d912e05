import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { secret } from '../../src/core/data.ts'
import type { Event } from '../../src/core/event.ts'
import { bundleOf } from '../../src/source/bundle.ts'
import { commitAt } from '../../src/source/commit.ts'
import { environment } from '../../src/steps/environment.ts'
import { environmentLines } from '../../src/steps/environment-file.ts'
import { releaseFolder } from '../../src/steps/release.ts'
import { siteLayout } from '../../src/steps/site-layout.ts'
import { source } from '../../src/steps/source.ts'
import { machine, shells } from '../program/harness.ts'
import { releaseOf, siteIn, valuesAt } from './site-on-host.ts'

describe.each(shells)('in %s', (shell) => {
  it('the site folder is made whole, kept, and mended; what a person put in the place of a link stays', async () => {
    const here = machine(shell)
    const steps = [...valuesAt(here.folder), ...siteLayout(releaseOf().folder)]
    expect((await here.run(steps)).verdicts.at(-1)).toBe('site folder: changed')
    expect((await here.run(steps)).verdicts.at(-1)).toBe('site folder: met')
    const place = siteIn(here.folder)
    expect((statSync(join(place, 'database')).mode & 0o777).toString(8)).toBe('700')
    rmSync(join(place, 'source'))
    writeFileSync(join(place, 'source'), 'mine')
    rmSync(join(place, 'media'), { recursive: true })
    expect((await here.run(steps)).verdicts.at(-1)).toBe('site folder: changed')
    expect((await here.run(steps)).verdicts.at(-1)).toBe('site folder: met')
    expect(readFileSync(join(place, 'source'), 'utf8')).toBe('mine')
  })

  it('the release tells what it is in JSON, and keeps the time of its making', async () => {
    const here = machine(shell)
    const steps = [...valuesAt(here.folder, 3), releaseFolder(releaseOf())]
    expect((await here.run(steps)).verdicts.at(-1)).toBe('release folder: changed')
    const file = join(siteIn(here.folder), 'releases/3/release.json')
    const story = readFileSync(file, 'utf8')
    expect(JSON.parse(story)).toMatchObject({
      number: 3,
      identity: 'same',
      site: 'example.com',
      who: 'me@here "and you"',
      when: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    })
    rmSync(join(siteIn(here.folder), 'releases/3/socket'))
    expect((await here.run(steps)).verdicts.at(-1)).toBe('release folder: changed')
    expect(readFileSync(file, 'utf8')).toBe(story)
  })

  it('the environment is composed on the host, for its owner alone, and the secret key is made once', async () => {
    const here = machine(shell)
    const place = siteIn(here.folder)
    const stage = stageOf({ TOKEN: "s3cret 'x'\nNOT_A_NAME=hidden" })
    const steps = (wanted = stage) => [
      ...valuesAt(here.folder, 1),
      ...siteLayout(releaseOf().folder),
      releaseFolder(releaseOf()),
      ...environment(releaseOf({ stage: wanted })),
    ]
    expect((await here.run(steps())).ending).toMatchObject({ kind: 'finished', how: 'done' })
    const key = readFileSync(join(place, 'env/secret_key'), 'utf8')
    expect(key).toMatch(/^[A-Za-z0-9]{50}\n$/)
    const file = join(place, 'releases/1/env')
    expect(readFileSync(file, 'utf8')).toBe(
      `SITENAME='example.com'\nDJANGO_SECRET_KEY='${key.trim()}'\n# The variables of the stage:\n${Buffer.from(stage.bytes).toString()}`,
    )
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
    const again = await here.run(steps())
    expect(again.verdicts.filter((verdict) => !verdict.endsWith(': met'))).toEqual([])
    execFileSync('ln', ['-s', 'releases/1', join(place, 'current')])
    const announced = await here.run(steps(stageOf({ TOKEN: 'an0ther', MORE: 'yes' })), { mode: 'dry-run' })
    expect(previews(announced.events)).toEqual(['content differs (secret)', '+ MORE\n~ TOKEN'])
    expect((await here.run(steps(stageOf({ TOKEN: 'an0ther' })))).verdicts).toContain('secret key: met')
    expect(readFileSync(join(place, 'env/secret_key'), 'utf8')).toBe(key)
  })

  it('the source comes from the commit alone, without what is left out, and with what an archive would leave out', async () => {
    const here = machine(shell)
    const folder = repository({
      'manage.py': 'x',
      '.env': 'DEBUG=1',
      'tests/a b.py': 'y',
      '.gitattributes': 'tests export-ignore\n',
    })
    const commit = await commitAt(folder, 'HEAD')
    writeFileSync(join(folder, 'manage.py'), 'changed since')
    const release = { ...releaseOf(), commit }
    const steps = [
      ...valuesAt(here.folder, 1),
      ...siteLayout(release.folder),
      releaseFolder(release),
      source(release, {
        kind: 'bundle',
        bundle: (has) => bundleOf(commit, has),
        shallow: [],
        directory: '',
        leftOut: ['.env'],
      }),
    ]
    expect((await here.run(steps)).verdicts.at(-1)).toBe('source: changed')
    const place = join(siteIn(here.folder), 'releases/1/source')
    expect(readFileSync(join(place, 'manage.py'), 'utf8')).toBe('x')
    expect(
      execFileSync('find', ['.', '-type', 'f'], { cwd: place }).toString().split('\n').sort().filter(Boolean),
    ).toEqual(['./.gitattributes', './manage.py', './tests/a b.py'])
    expect((await here.run(steps)).verdicts.at(-1)).toBe('source: met')
  })
})

function stageOf(variables: Readonly<Record<string, string>>) {
  return secret('stage.env', environmentLines(variables), { hidden: Object.values(variables) })
}

function previews(events: readonly Event[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'step.previewed' ? [event.text.trim()] : []))
}

function repository(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tasks-git-'))
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=Edith', '-c', 'user.email=edith@example.com', ...words], { cwd: folder })
  git('init', '-q')
  for (const [path, text] of Object.entries(files)) {
    execFileSync('mkdir', ['-p', join(folder, path, '..')])
    writeFileSync(join(folder, path), text)
  }
  git('add', '--force', '--all')
  git('commit', '-qm', 'first')
  return folder
}
