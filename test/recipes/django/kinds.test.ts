import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { type DjangoProject, detectDjango } from '../../../src/recipes/django/detect.ts'
import { environmentFor } from '../../../src/recipes/django/environment.ts'
import { committedFiles } from '../../../src/recipes/project-files.ts'
import { entriesOf } from '../../../src/source/tree.ts'
import { type Kind, kinds, makeKind } from '../../kinds/index.ts'
import { ask, facts, makeRelease, python, type Release, removed, secretKey, served } from './release.ts'
import { virtualenv } from './virtualenv.ts'

const run = promisify(execFile)
// Each test starts Python a few times, all of them at once, on whatever machine this is.
vi.setConfig({ testTimeout: 120_000 })

const found = await virtualenv()
const bin = 'bin' in found ? found.bin : ''

describe.skipIf('because' in found).concurrent.each(kinds)('a project of the kind $name', (kind) => {
  test('is served safely, and nothing is written into its source', async () => {
    const { release, project } = await released(kind)
    try {
      expect(project).toMatchObject({
        directory: kind.directory,
        settings: kind.settings,
        hasGunicorn: kind.hasGunicorn,
      })
      expect(project.requirements).toMatchObject({ path: kind.requirements, files: kind.requirementsFiles })
      expect(project.environment.map(({ name }) => name).sort()).toEqual([...kind.asksFor].sort())
      await tellsTheTruth(kind, release, project)
      await python(release, 'manage.py', 'migrate', '--verbosity=0')
      await python(release, 'manage.py', 'collectstatic', '--noinput', '--verbosity=0')
      await collects(kind, release)
      const said = await served(release, project.wsgi, () => answers(kind, release))
      if (project.gunicornConfig !== undefined) expect(said).toContain("the project's own hook ran 1 time")
      const { stdout } = await run('git', ['status', '--porcelain', '--ignored'], { cwd: release.source })
      expect(stdout).toBe('')
    } finally {
      await removed(release)
    }
  })
})

async function released(kind: Kind): Promise<{ release: Release; project: DjangoProject }> {
  const release = await makeRelease((source) => makeKind(kind, source), {
    bin,
    directory: kind.directory,
    orders: { settings_module: kind.settings },
  })
  const project = detectDjango(await committedFiles(release.source, await entriesOf(release.source, 'HEAD')))
  const site = { siteName: 'site.example.com', aliases: ['www.site.example.com'], stageDotenvNames: [] }
  const { values, secretKeyNames, missing } = environmentFor(project, site)
  expect(missing).toEqual([])
  Object.assign(release.environment, values, Object.fromEntries(secretKeyNames.map((name) => [name, secretKey])))
  return { release, project }
}

async function tellsTheTruth(kind: Kind, release: Release, project: DjangoProject): Promise<void> {
  const answer = await facts(release, project.wsgi)
  expect(answer).not.toHaveProperty('error')
  if (!('facts' in answer)) return
  const { debug, settingsModule, allowedHosts, databases, migrations, staticRoot } = answer.facts
  expect({ debug, settingsModule, staticRoot }).toEqual({
    debug: false,
    settingsModule: kind.settings,
    staticRoot: join(release.root, 'static'),
  })
  expect(allowedHosts).toEqual(['site.example.com', 'www.site.example.com'])
  expect(databases.default).toMatchObject({
    inSource: false,
    path: expect.stringContaining(`${release.root}/database/`),
  })
  expect(migrations.pending).toContain('notes.0001_initial')
  expect(await readdir(join(release.root, 'database'))).toEqual([])
}

async function collects(kind: Kind, release: Release): Promise<void> {
  const names = await readdir(join(release.root, 'static/notes'))
  expect(names).toContain('site.css')
  if (kind.hasManifest) expect(names).toContainEqual(expect.stringMatching(/^site\.[0-9a-f]{12}\.css$/))
}

async function answers(kind: Kind, release: Release): Promise<void> {
  const first = await ask(release, '/')
  expect(first).toMatchObject({ status: 200, headers: { 'x-release': 'site.example.com/8' } })
  expect(first.body).toContain(`<h1>${kind.marker}</h1>`)
  expect(first.body).toContain('visits: 1, debug: False')
  const second = await ask(release, '/', { Host: 'www.site.example.com', 'X-Forwarded-Proto': 'https' })
  expect(second).toMatchObject({ status: 200, body: expect.stringContaining('visits: 2, debug: False') })
  const stranger = await ask(release, '/', { Host: 'elsewhere.example.org' })
  expect(stranger.status).toBe(400)
  const nowhere = await ask(release, '/no/such/page')
  expect(nowhere.status).toBe(404)
  for (const { body } of [stranger, nowhere]) expect(body).not.toMatch(/DEBUG|urlconf|Traceback/i)
}
