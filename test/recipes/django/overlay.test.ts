import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { writeFiles } from '../../kinds/index.ts'
import { makeRelease, python, type Release, removed, secretKey } from './release.ts'
import { virtualenv } from './virtualenv.ts'

// Each test starts Python a few times, all of them at once, on whatever machine this is.
vi.setConfig({ testTimeout: 120_000 })

const found = await virtualenv()
const bin = 'bin' in found ? found.bin : ''
const releases: Release[] = []
afterAll(() => Promise.all(releases.map(removed)))
const withPython = describe.skipIf('because' in found).concurrent

interface Case {
  readonly files: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
  readonly orders?: Readonly<Record<string, unknown>>
}

async function release({ files, environment, orders }: Case): Promise<Release> {
  const made = await makeRelease((source) => writeFiles(source, files), {
    bin,
    orders: orders ?? {},
    environment: { DJANGO_SETTINGS_MODULE: 'conf', ...environment },
  })
  releases.push(made)
  return made
}

/** What Python says to an expression over `settings`, with the overlay on. */
async function says(case_: Case, expression: string): Promise<unknown> {
  return evaluated(await release(case_), expression)
}

async function evaluated(made: Release, expression: string): Promise<unknown> {
  const program = `import json, sys; from django.conf import settings; print(json.dumps(${expression}, default=str))`
  return JSON.parse(await python(made, '-c', program))
}

async function refusal(made: Release, program: string): Promise<string> {
  try {
    await python(made, '-c', program)
  } catch (error) {
    const lines = String((error as { stderr: unknown }).stderr)
      .trim()
      .split('\n')
    return lines.at(-1) ?? ''
  }
  throw new Error('it was not refused')
}

const key = 'SECRET_KEY = "published"\n'

withPython('DEBUG', () => {
  const ways: Readonly<Record<string, string>> = {
    'by assignment': 'DEBUG = True',
    'with an annotation': 'DEBUG: bool = True',
    'in a tuple': 'DEBUG, OTHER = True, 1',
    'as the target of a loop': 'for DEBUG in [True]: pass',
    'by an import': 'from flags import DEBUG',
    'by a star import': 'from flags import *',
    'through locals()': 'locals().update(DEBUG=True)',
    'through vars()': 'vars()["DEBUG"] = True',
  }
  test.each(Object.entries(ways))('set %s, is off for the rest of the module', async (_way, line) => {
    const files = { 'conf.py': `${key}${line}\nSEEN = "on" if DEBUG else "off"`, 'flags.py': 'DEBUG = True\nX = DEBUG' }
    expect(await says({ files }, '[settings.DEBUG, settings.SEEN]')).toEqual([false, 'off'])
  })

  test('set through globals() or a global statement, is off in the end', async () => {
    const files = { 'conf.py': `${key}DEBUG = False\ndef turn():\n    global DEBUG\n    DEBUG = True\nturn()` }
    expect(await says({ files }, 'settings.DEBUG')).toBe(false)
    const others = { 'conf.py': `${key}globals().update(DEBUG=True)` }
    expect(await says({ files: others }, 'settings.DEBUG')).toBe(false)
  })

  test('is off for bases that are imported, and for code that imports the settings before Django does', async () => {
    const files = {
      'site_settings/__init__.py': '',
      'site_settings/base.py': `${key}DEBUG = True\nINSTALLED_APPS = []\nAPPS = ["toolbar"] if DEBUG else []`,
      'site_settings/live.py': 'from .base import *\nSEEN = DEBUG',
    }
    const made = await release({ files, environment: { DJANGO_SETTINGS_MODULE: 'site_settings.live' } })
    const early = `__import__("site_settings.live").live.SEEN`
    expect(await evaluated(made, `[${early}, settings.DEBUG, settings.APPS]`)).toEqual([false, false, []])
    const program = 'import site_settings.base as early; print(early.DEBUG, early.APPS)'
    expect(await python(made, '-c', program)).toBe('False []\n')
  })

  test('is off in what the settings import, where a key of another kind stays as it is', async () => {
    const files = {
      'conf.py': `${key}import payments\nSEEN = [payments.DEBUG, payments.SECRET_KEY]`,
      'payments.py': 'DEBUG = True\nSECRET_KEY = "of the payments"',
    }
    expect(await says({ files }, 'settings.SEEN')).toEqual([false, 'of the payments'])
  })

  test('is off where the settings come from settings.configure', async () => {
    const program = `settings.configure(DEBUG=True, SECRET_KEY="x") or [settings.DEBUG, settings.SECRET_KEY]`
    expect(await says({ files: {} }, program)).toEqual([false, secretKey])
  })

  test('is left as the project has it when it is not to be forced', async () => {
    const files = { 'conf.py': `${key}DEBUG = True\nALLOWED_HOSTS = ["mine"]` }
    const answer = await says(
      { files, orders: { force: ['ALLOWED_HOSTS'] } },
      '[settings.DEBUG, settings.ALLOWED_HOSTS]',
    )
    expect(answer).toEqual([true, ['site.example.com', 'www.site.example.com']])
  })
})

withPython('the settings module', () => {
  test('sees functions, comprehensions and classes work as ever', async () => {
    const lines = [
      'HOSTS = ["a", "b"]',
      'def both(): return [host + str(DEBUG) for host in HOSTS]',
      'class Inner:\n    hosts = HOSTS',
      'BOTH = both()',
      'ALL = [host for host in Inner.hosts if host in HOSTS]',
      'del HOSTS',
      'NAMES = sorted(name for name in locals() if name in ("BOTH", "HOSTS", "ALL"))',
    ]
    const files = { 'conf.py': `${key}DEBUG = True\n${lines.join('\n')}` }
    const answer = await says({ files }, '[settings.BOTH, settings.ALL, settings.NAMES]')
    expect(answer).toEqual([
      ['aFalse', 'bFalse'],
      ['a', 'b'],
      ['ALL', 'BOTH'],
    ])
  })

  test('is the ordered one, even where the process assigns another', async () => {
    const files = { 'conf.py': `${key}NAME = "local"`, 'live.py': `${key}NAME = "live"` }
    const answer = await says(
      { files, orders: { settings_module: 'live' } },
      '[settings.NAME, settings.SETTINGS_MODULE, __import__("os").environ["DJANGO_SETTINGS_MODULE"]]',
    )
    expect(answer).toEqual(['live', 'live', 'live'])
  })

  test('has its hosts forced, in the kind of sequence that it goes on adding to', async () => {
    const files = { 'conf.py': `${key}ALLOWED_HOSTS = ("*",)\nALLOWED_HOSTS = ALLOWED_HOSTS + ("more",)` }
    expect(await says({ files }, 'settings.ALLOWED_HOSTS')).toEqual(['site.example.com', 'www.site.example.com'])
  })

  test('keeps a proxy header and a logging of its own', async () => {
    const files = { 'conf.py': `${key}SECURE_PROXY_SSL_HEADER = ("HTTP_X", "on")\nLOGGING = {"version": 1}` }
    expect(await says({ files }, '[settings.SECURE_PROXY_SSL_HEADER, settings.LOGGING]')).toEqual([
      ['HTTP_X', 'on'],
      { version: 1 },
    ])
  })

  test('without logging of its own, leaves errors on standard error', async () => {
    const made = await release({ files: { 'conf.py': key } })
    const log = 'import django, logging, sys; sys.stderr = sys.stdout; django.setup()'
    const program = `${log}; logging.getLogger("django.request").error("a page failed")`
    expect(await python(made, '-c', program)).toBe('a page failed\n')
  })
})

withPython('the secret key', () => {
  test("is the host's, also where another setting is made from it", async () => {
    const files = { 'conf.py': `${key}JWT = {"SIGNING_KEY": SECRET_KEY}` }
    expect(await says({ files }, '[settings.SECRET_KEY, settings.JWT]')).toEqual([
      secretKey,
      { SIGNING_KEY: secretKey },
    ])
  })

  test('is left alone where the project takes one from the environment that it was given', async () => {
    const files = { 'conf.py': 'import os\nSECRET_KEY = os.environ["MY_KEY"]' }
    expect(await says({ files, environment: { MY_KEY: 'my-own' } }, 'settings.SECRET_KEY')).toBe('my-own')
  })

  test('is forced where the environment has it from a committed .env only', async () => {
    const files = {
      '.env': 'MY_KEY=committed',
      'conf.py': 'import environ\nenviron.Env.read_env(".env")\nSECRET_KEY = environ.Env()("MY_KEY")',
    }
    expect(await says({ files }, 'settings.SECRET_KEY')).toBe(secretKey)
  })

  test("is never the published one: without the host's, Django does not start", async () => {
    const made = await release({ files: { 'conf.py': key }, environment: { DJANGO_SECRET_KEY: '' } })
    expect(await refusal(made, 'from django.conf import settings; settings.DEBUG')).toBe(
      'sitecustomize.OverlayError: DJANGO_SECRET_KEY is missing from the environment, and a key in the source is no secret.',
    )
  })
})

withPython('data', () => {
  const engine = '"ENGINE": "django.db.backends.sqlite3"'

  test('of SQLite moves out of the source: names are kept, and two of one name stay two', async () => {
    const databases = `{
      "other": {${engine}, "NAME": BASE / "other" / "data"},
      "default": {${engine}, "NAME": BASE / "data", "TEST": {"NAME": "test.db"}},
      "relative": {${engine}, "NAME": "relative.sqlite3"},
      "memory": {${engine}, "NAME": ":memory:"},
      "outside": {${engine}, "NAME": "/srv/outside.sqlite3"},
      "server": {"ENGINE": "django.db.backends.postgresql", "NAME": "data"},
    }`
    const files = {
      'conf.py': `from pathlib import Path\nBASE = Path(__file__).parent\n${key}DATABASES = ${databases}`,
    }
    const made = await release({ files })
    const names = '{alias: database["NAME"] for alias, database in settings.DATABASES.items()}'
    const answer = await evaluated(made, `[${names}, settings.DATABASES["default"]["TEST"]]`)
    expect(answer).toEqual([
      {
        default: join(made.root, 'database/data'),
        other: join(made.root, 'database/other-data'),
        relative: join(made.root, 'database/relative.sqlite3'),
        memory: ':memory:',
        outside: '/srv/outside.sqlite3',
        server: 'data',
      },
      { NAME: 'test.db' },
    ])
  })

  test('moves too where the setting is changed after its assignment, or its file is a link into the source', async () => {
    const lines = [
      'DATABASES = {}',
      `DATABASES["default"] = {${engine}, "NAME": "late"}`,
      `DATABASES["linked"] = {${engine}, "NAME": "../link/data"}`,
    ]
    const made = await release({ files: { 'conf.py': `${key}${lines.join('\n')}` } })
    const answer = await evaluated(made, '[database["NAME"] for database in settings.DATABASES.values()]')
    expect(answer).toEqual([join(made.root, 'database/late'), join(made.root, 'database/data')])
  })

  test.each([
    ['""', 'media'],
    ['"uploads"', 'media'],
    ['os.path.join(os.path.dirname(__file__), "uploads")', 'media'],
    ['"/srv/uploads"', '/srv/uploads'],
  ])('uploaded to %s goes to %s', async (value, folder) => {
    const made = await release({ files: { 'conf.py': `import os\n${key}MEDIA_ROOT = ${value}` } })
    const expected = folder.startsWith('/') ? folder : join(made.root, folder)
    expect(await evaluated(made, 'settings.MEDIA_ROOT')).toBe(expected)
  })

  test('uploaded to a path of pathlib stays one, so that others can be made from it', async () => {
    const lines = 'from pathlib import Path\nMEDIA_ROOT = Path("uploads")\nAVATARS = MEDIA_ROOT / "avatars"'
    const made = await release({ files: { 'conf.py': `${key}${lines}` } })
    expect(await evaluated(made, 'settings.AVATARS')).toBe(join(made.root, 'media/avatars'))
  })
})

withPython('the report of what was forced', () => {
  const forced = '__import__("sitecustomize").FORCED'

  test('names the old and the new value, and no key', async () => {
    const files = { 'conf.py': `${key}DEBUG = True\nSTATIC_ROOT = "static"` }
    const made = await release({ files, orders: { force: ['DEBUG', 'STATIC_ROOT', 'SECRET_KEY'] } })
    expect(await evaluated(made, `[settings.DEBUG, ${forced}][1]`)).toEqual({
      DEBUG: { from: true, to: false },
      SECRET_KEY: { from: '***', to: '***' },
      STATIC_ROOT: { from: 'static', to: join(made.root, 'static') },
    })
  })

  test('leaves out what the project itself sets right in the end', async () => {
    const files = { 'conf.py': `from base import *\nDEBUG = False`, 'base.py': `${key}DEBUG = True` }
    const made = await release({ files, orders: { force: ['DEBUG'] } })
    expect(await evaluated(made, `[settings.DEBUG, ${forced}][1]`)).toEqual({})
    const plain = { 'conf.py': `from base import *`, 'base.py': `${key}DEBUG = True` }
    const other = await release({ files: plain, orders: { force: ['DEBUG'] } })
    expect(await evaluated(other, `[settings.DEBUG, ${forced}][1]`)).toEqual({ DEBUG: { from: true, to: false } })
  })
})

withPython('a Python process', () => {
  test('that is not a site starts without a word, whatever the orders are', async () => {
    const made = await release({ files: {} })
    await rm(join(made.root, 'overlay/overlay.json'))
    expect(await python(made, '-c', 'import sys; sys.stderr = sys.stdout; print("well")')).toBe('well\n')
  })

  test.each([
    ['are missing', undefined, "[Errno 2] No such file or directory: '"],
    ['are not JSON', '{', 'Expecting property name enclosed in double quotes'],
    ['lack a part', '{"source": "/"}', "'force'"],
  ])('does not serve a site when the orders %s', async (_what, text, because) => {
    const made = await release({ files: { 'conf.py': key } })
    await rm(join(made.root, 'overlay/overlay.json'))
    if (text !== undefined) await writeFile(join(made.root, 'overlay/overlay.json'), text)
    const said = await refusal(made, 'from django.conf import settings; settings.DEBUG')
    expect(said).toContain(
      `sitecustomize.OverlayError: the settings overlay has no orders that it can read: ${because}`,
    )
  })

  test('takes its orders from the file that TASKS_OVERLAY names', async () => {
    const made = await release({ files: { 'conf.py': key } })
    const orders = join(made.root, 'orders.json')
    await writeFile(
      orders,
      JSON.stringify({ source: made.source, debug: false, allowed_hosts: ['else'], force: ['ALLOWED_HOSTS'] }),
    )
    made.environment.TASKS_OVERLAY = orders
    expect(await evaluated(made, 'settings.ALLOWED_HOSTS')).toEqual(['else'])
  })

  test("still runs the system's own sitecustomize, and outlives its failure", async () => {
    const made = await release({ files: { 'conf.py': `${key}DEBUG = True` } })
    const system = join(made.root, 'system')
    await writeFiles(system, {
      'sitecustomize.py': 'import os\nos.environ["SEEN"] = "yes"\nraise RuntimeError("broken")',
    })
    made.environment.PYTHONPATH += `:${system}`
    expect(await evaluated(made, '[settings.DEBUG, __import__("os").environ["SEEN"]]')).toEqual([false, 'yes'])
  })
})
