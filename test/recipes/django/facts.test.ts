import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { type DjangoFacts, type FactsError, parseFacts } from '../../../src/recipes/django/facts.ts'
import { type Kind, kinds, writeFiles } from '../../kinds/index.ts'
import { facts, makeRelease, python, type Release, removed } from './release.ts'
import { virtualenv } from './virtualenv.ts'

// Each test starts Python a few times, all of them at once, on whatever machine this is.
vi.setConfig({ testTimeout: 120_000 })

const found = await virtualenv()
const bin = 'bin' in found ? found.bin : ''
const releases: Release[] = []
afterAll(() => Promise.all(releases.map(removed)))
const withPython = describe.skipIf('because' in found).concurrent

const flat = kinds[0] as Kind
const wsgi = 'mysite.wsgi:application'

/** The plain project, with lines added to the end of its settings. */
async function project(lines: string, environment: Readonly<Record<string, string>> = {}): Promise<Release> {
  const files = { ...flat.files, 'mysite/settings.py': `${flat.files['mysite/settings.py']}\n${lines}\n` }
  const release = await makeRelease((source) => writeFiles(source, files), { bin, environment })
  releases.push(release)
  return release
}

async function told(release: Release): Promise<DjangoFacts> {
  const answer = await facts(release, wsgi)
  if ('error' in answer) throw new Error(answer.error.message)
  return answer.facts
}

async function failure(lines: string, environment: Readonly<Record<string, string>> = {}): Promise<FactsError> {
  const answer = await facts(await project(lines, environment), wsgi)
  if ('facts' in answer) throw new Error('it loads')
  return answer.error
}

withPython('the facts of a project', () => {
  test('come in one line, whatever the project prints, and however long its threads run', async () => {
    const lines = [
      'import atexit, sys, threading, time',
      'print("--- facts {", end="")',
      'atexit.register(print, "the end")',
      'threading.Thread(target=time.sleep, args=[3600]).start()',
    ]
    const { django, debug, mediaUrl, staticUrl, hasStaticFiles } = await told(await project(lines.join('\n')))
    expect(django).toMatch(/^5\.2\./)
    expect({ debug, mediaUrl, staticUrl, hasStaticFiles }).toEqual({
      debug: false,
      mediaUrl: undefined,
      staticUrl: '/static/',
      hasStaticFiles: true,
    })
  })

  test('tell what was forced, and leave out the keys', async () => {
    const { forced } = await told(await project(''))
    expect(forced).toMatchObject({
      DEBUG: { from: true, to: false },
      ALLOWED_HOSTS: { from: [], to: ['site.example.com', 'www.site.example.com'] },
      SECRET_KEY: { from: '***', to: '***' },
    })
  })

  test('name the pending migrations in their order, and none once they are applied', async () => {
    const release = await project('')
    const before = await told(release)
    expect(before.migrations).toEqual({
      reachable: true,
      pending: expect.arrayContaining(['contenttypes.0001_initial', 'notes.0001_initial', 'sessions.0001_initial']),
    })
    await python(release, 'manage.py', 'migrate', '--verbosity=0', 'contenttypes')
    expect((await told(release)).migrations.pending).toEqual(['notes.0001_initial', 'sessions.0001_initial'])
    await python(release, 'manage.py', 'migrate', '--verbosity=0')
    expect((await told(release)).migrations).toEqual({ reachable: true, pending: [] })
  })

  test('say why a database cannot be reached', async () => {
    const release = await project('')
    await mkdir(join(release.root, 'database/db.sqlite3'))
    expect((await told(release)).migrations).toEqual({
      reachable: false,
      because: 'OperationalError: unable to open database file',
    })
  })

  test('without the overlay, say that data lies in the source, and write none there', async () => {
    const release = await project('MEDIA_ROOT = BASE_DIR / "media"')
    delete release.environment.PYTHONPATH
    const { debug, databases, forced, writesIntoSource } = await told(release)
    expect({ debug, forced, writesIntoSource }).toEqual({
      debug: true,
      forced: {},
      writesIntoSource: { MEDIA_ROOT: join(release.source, 'media') },
    })
    expect(databases.default).toEqual({
      engine: 'django.db.backends.sqlite3',
      path: join(release.source, 'db.sqlite3'),
      inSource: true,
    })
  })

  test('name the settings beside the forced ones that write into the source', async () => {
    const lines = [
      'CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": "cache"}}',
      'LOGGING = {"version": 1, "handlers": {"file": {"class": "logging.FileHandler", "filename": "/dev/null"}}}',
      'EMAIL_FILE_PATH = BASE_DIR / "mail"',
    ]
    const release = await project(lines.join('\n'))
    expect((await told(release)).writesIntoSource).toEqual({
      'CACHES[default]': 'cache',
      EMAIL_FILE_PATH: join(release.source, 'mail'),
    })
  })

  test('hold the findings of check --deploy, without the silenced ones', async () => {
    const lines = 'SILENCED_SYSTEM_CHECKS = ["security.W004"]\nSECURE_SSL_REDIRECT = False'
    const { findings, secureSslRedirect } = await told(await project(lines))
    expect(secureSslRedirect).toBe(false)
    expect(findings.map(({ id }) => id)).toEqual(['security.W002', 'security.W008', 'security.W012', 'security.W016'])
    expect(findings[1]).toMatchObject({ level: 'warning', message: expect.stringMatching(/^Your SECURE_SSL_REDIRECT/) })
  })

  test('are there also when the URLs do not load, and say so', async () => {
    const release = await project('')
    await writeFiles(release.source, { 'mysite/urls.py': 'raise ValueError("Missing staticfiles manifest entry")' })
    const { checksFailed, findings } = await told(release)
    expect({ checksFailed, findings }).toEqual({
      checksFailed: 'ValueError: Missing staticfiles manifest entry',
      findings: [],
    })
  })
})

withPython('a project that does not load', () => {
  test.each([
    ['os.environ', 'import os\nX = os.environ["THE_NAME"]'],
    [
      'a function of its own',
      'import os\ntry:\n    os.environ["THE_NAME"]\nexcept KeyError:\n    raise RuntimeError("no")',
    ],
    ['django-environ', 'import environ\nX = environ.Env()("THE_NAME")'],
    ['django-environ, for a list', 'import environ\nX = environ.Env().list("THE_NAME")'],
    ['decouple', 'from decouple import config\nX = config("THE_NAME")'],
    [
      'an error that says so',
      'from django.core.exceptions import ImproperlyConfigured\nraise ImproperlyConfigured("Set the THE_NAME environment variable")',
    ],
  ])('for want of a variable names it: %s', async (_how, lines) => {
    expect(await failure(lines)).toMatchObject({
      kind: 'missing-variable',
      name: 'THE_NAME',
      where: expect.stringMatching(/^mysite\/settings\.py:\d+$/),
    })
  })

  test.each<readonly [lines: string, error: Partial<FactsError>]>([
    ['import debug_toolbar', { kind: 'missing-module', name: 'debug_toolbar' }],
    ['from django.conf import urls_of_old', { kind: 'import' }],
    [
      'X = = 1',
      { kind: 'syntax', message: 'SyntaxError: invalid syntax (settings.py, line 42)', where: 'mysite/settings.py:42' },
    ],
    ['import sys\nsys.exit("not today\\nnor tomorrow")', { kind: 'exception', message: 'SystemExit: not today' }],
    ['{}["SECRET_KEY"]', { kind: 'exception', message: "KeyError: 'SECRET_KEY'" }],
    ['DATABASES["default"]["ENGINE"] = "no.such.engine"', { kind: 'improperly-configured' }],
  ])('says what is wrong, in one line: %j', async (lines, error) => {
    expect(await failure(lines)).toMatchObject(error)
  })

  test('tells no secret of the environment that stands in the message', async () => {
    const environment = { API_TOKEN: 'a-secret-token', DATABASE_URL: 'postgres://edith:pass-of-edith@db/site' }
    const { message } = await failure('raise ValueError("a-secret-token and pass-of-edith are wrong")', environment)
    expect(message).toBe('ValueError: *** and *** are wrong')
  })
})

test('output without an answer is told as a failure, with the last lines of it', () => {
  expect(() => parseFacts('Killed\n')).toThrow(
    'Cannot read the facts of the Django project, because Python ended before it gave them.',
  )
})
