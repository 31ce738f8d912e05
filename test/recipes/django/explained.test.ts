import { expect, it } from 'vitest'
import { factsExplained } from '../../../src/recipes/django/facts-explained.ts'
import { publicPaths } from '../../../src/recipes/django/public-paths.ts'
import { givenFiles } from '../../../src/recipes/project-files.ts'
import { lastReason } from '../../../src/steps/site-unit.ts'

const place = { site: 'example.com', dotenv: '.env.production (stages.production.dotenv)' }
const sound = { migrations: { reachable: true, pending: [], because: null }, databases: {}, mediaRoot: null }

it.each([
  [
    {
      error: { kind: 'missing-variable', name: 'API_KEY', message: "KeyError: 'API_KEY'", where: 'site/settings.py:7' },
    },
    'Cannot load the settings of "example.com", because they ask the environment for "API_KEY" and nobody sets it (site/settings.py:7).',
    'add API_KEY=… to .env.production (stages.production.dotenv)',
  ],
  [
    { error: { kind: 'missing-module', name: 'environ', message: "No module named 'environ'", where: null } },
    'Cannot load the project of "example.com", because it imports "environ", which no requirement brings.',
    'add the package that has "environ" to the requirements',
  ],
  [
    { error: { kind: 'exception', name: null, message: 'ValueError: no.', where: 'site/urls.py:1' } },
    'Cannot load the project of "example.com", because of ValueError: no (site/urls.py:1).',
    'run on this machine: python manage.py check --deploy',
  ],
  [
    { ...sound, migrations: { reachable: false, pending: null, because: 'OperationalError: connection refused' } },
    'Cannot reach the database of "example.com", because of OperationalError: connection refused.',
    'look at DATABASE_URL, or what the settings read in its place, in .env.production (stages.production.dotenv)',
  ],
  [
    { ...sound, databases: { default: { engine: 'sqlite3', path: '/srv/db', inSource: true } } },
    'Cannot deploy "example.com", because the database "default" would lie in the release\'s source and be lost with it: /srv/db.',
    "let its NAME be a path in the site's database folder, or set app.overlay: true",
  ],
  [
    { ...sound, mediaRoot: '/srv/source/media' },
    'Cannot deploy "example.com", because MEDIA_ROOT lies in the release\'s source, and uploads would be lost with it: /srv/source/media.',
    "let it be the site's media folder, or set app.overlay: true",
  ],
])('a project that cannot be deployed is told with the way out: %j', (answer, message, hint) => {
  expect(factsExplained(`noise\n--- facts ${JSON.stringify(answer)}\n`, place)).toEqual({
    message,
    hint,
    output: 'noise\n',
  })
})

it('a Python that dies leaves its last words', () => {
  expect(factsExplained('Fatal\nMemoryError: too much\n', place).message).toBe(
    'Cannot load the project of "example.com", because MemoryError: too much.',
  )
})

it.each([
  [
    'Traceback (most recent call last):\n  File "x.py", line 1\nValueError: no\n[2026] [1] [INFO] Shutting down',
    'ValueError: no',
  ],
  ['django.core.exceptions.ImproperlyConfigured: set it\n', 'django.core.exceptions.ImproperlyConfigured: set it'],
  ['[2026-11-22 01:00:00 +0000] [7] [ERROR] Connection in use', 'Connection in use'],
  [
    "KeyError: 'MAP_KEY'\nTraceback (most recent call last):\n  File \"x.py\"\ngunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>\n",
    "KeyError: 'MAP_KEY'",
  ],
  [
    "[1] [INFO] Booting\nFailed to find attribute 'application' in 'site.wsgi'.\n[1] [ERROR] Reason: App failed to load.\n",
    "Failed to find attribute 'application' in 'site.wsgi'",
  ],
  [
    '  File "y.py", cut off above\ngunicorn.errors.HaltServer: <HaltServer \'App failed to load.\' 4>\nall is well',
    undefined,
  ],
  ['all is well', undefined],
])('the reason is in the last words: %j', (output, reason) => {
  expect(lastReason(output)).toBe(reason)
})

it.each([
  ['', '/static/', ''],
  ["STATIC_URL = 'assets/'\nMEDIA_URL = '/uploads'\n", '/assets/', '/uploads/'],
  ["STATIC_URL = 'https://cdn.example/static/'\nMEDIA_URL = '/'\n", '', ''],
  ['if DEBUG:\n    STATIC_URL = \'/dev/\'\nSTATIC_URL: str = "/s/"\n', '/s/', ''],
  ["STATIC_URL = '/a b;}/'\n", '', ''],
])('public paths are read from the settings: %j', (text, staticUrl, mediaUrl) => {
  const files = givenFiles({ 'site/settings.py': text })
  expect(publicPaths(files, { directory: '.', settings: 'site.settings' })).toEqual({ staticUrl, mediaUrl })
})
