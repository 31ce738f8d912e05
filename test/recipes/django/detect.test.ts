import { describe, expect, test } from 'vitest'
import { type DjangoHints, detectDjango } from '../../../src/recipes/django/detect.ts'
import { givenFiles } from '../../../src/recipes/project-files.ts'
import { kinds } from '../../kinds/index.ts'

const flat = kinds.find(({ name }) => name === 'flat')?.files ?? {}
const named = (module: string) => `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "${module}")\n`

/** The plain project with some files on top. */
function detected(texts: Readonly<Record<string, string>>, hints: DjangoHints = {}) {
  return detectDjango(givenFiles({ ...flat, ...texts }), hints)
}

describe('a Django project is found', () => {
  test.each(kinds)('of the kind $name', (kind) => {
    const project = detectDjango(givenFiles(kind.files))
    expect({
      directory: project.directory,
      settings: project.settings,
      wsgi: project.wsgi,
      files: project.requirements.files,
      asksFor: project.environment.map(({ name }) => name).sort(),
    }).toEqual({
      directory: kind.directory,
      settings: kind.settings,
      wsgi: 'mysite.wsgi:application',
      files: kind.requirementsFiles,
      asksFor: [...kind.asksFor].sort(),
    })
  })

  test('by the manage.py nearest to the root, leaving out those of tests, of packages, and of other frameworks', () => {
    const { directory } = detectDjango(
      givenFiles({
        'manage.py': 'from flask_script import Manager',
        'tests/manage.py': named('tests.settings'),
        'node_modules/x/manage.py': named('x'),
        'back/end/manage.py': named('far.settings'),
        'web/manage.py': named('site.settings'),
        'web/site/settings.py': '',
        'web/site/wsgi.py': '',
        'requirements.txt': '',
      }),
    )
    expect(directory).toBe('web')
  })

  test('by what the config says, before all that could be detected', () => {
    const texts = {
      'other/manage.py': named('other.settings'),
      'other/extra/special.py': 'SECRET_KEY = os.environ["SPECIAL"]',
      'needs.txt': 'gunicorn',
    }
    const hints = {
      directory: './other/',
      settings: 'extra.special',
      wsgi: 'extra.server:app',
      requirements: 'needs.txt',
    }
    expect(detected(texts, hints)).toMatchObject({
      directory: 'other',
      settings: 'extra.special',
      wsgi: 'extra.server:app',
      requirements: { path: 'needs.txt' },
      environment: [{ name: 'SPECIAL' }],
    })
  })
})

describe('the settings to serve with', () => {
  test.each<readonly [wsgi: string, present: readonly string[], chosen: string]>([
    ['mysite.settings.local', ['local', 'production'], 'mysite.settings.production'],
    ['mysite.settings.dev', ['dev', 'prod'], 'mysite.settings.prod'],
    ['mysite.settings.staging', ['staging', 'production'], 'mysite.settings.staging'],
    ['mysite.settings', ['__init__', 'production'], 'mysite.settings.production'],
    ['mysite.settings.local', ['local', 'base'], 'mysite.settings.local'],
  ])('where wsgi.py names %s and there are %j, are %s', (wsgi, present, chosen) => {
    const { 'mysite/settings.py': _, ...rest } = flat
    const package_ = present.map((name) => [`mysite/settings/${name}.py`, ''])
    const texts = { ...rest, ...Object.fromEntries(package_), 'mysite/wsgi.py': named(wsgi), 'manage.py': named(wsgi) }
    expect(detectDjango(givenFiles(texts)).settings).toBe(chosen)
  })

  test('are a neighbour that is named for production', () => {
    expect(detected({ 'mysite/settings_production.py': '' }).settings).toBe('mysite.settings_production')
  })

  test('are the only ones there are, where nothing names them', () => {
    const computed = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"mysite.{name}")'
    expect(detected({ 'manage.py': computed, 'mysite/wsgi.py': computed }).settings).toBe('mysite.settings')
  })

  test('are said to be others than wsgi.py and manage.py name', () => {
    const project = detected({
      'mysite/wsgi.py': named('mysite.settings'),
      'manage.py': 'os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.local"',
      'mysite/production.py': '',
    })
    expect(project.manage).toEqual({ settings: 'mysite.local', isAssigned: true })
    expect(project.notes.map(({ message }) => message)).toEqual([
      '"mysite.production" is used, though wsgi.py names "mysite.settings".',
      'manage.py names "mysite.local", but its commands run with "mysite.production", as the site does.',
    ])
  })

  test('are read with all that they are made from', () => {
    const asks = (name: string) => `X_${name} = os.environ["${name}"]\n`
    const project = detected({
      'mysite/settings.py': `from .conf.base import *\nfrom . import flags\nfrom shared import *\nimport other\n${asks('A')}`,
      'mysite/conf/__init__.py': '',
      'mysite/conf/base.py': `from ..keys import key\nfrom notes.models import X\n${asks('B')}`,
      'mysite/keys.py': asks('C'),
      'mysite/flags.py': asks('D'),
      'shared/__init__.py': `from .deep import *\n${asks('E')}`,
      'shared/deep.py': asks('F'),
      'other.py': asks('G'),
      'notes/models.py': asks('H'),
    })
    expect(project.environment.map(({ name }) => name).sort()).toEqual(['A', 'B', 'C', 'D', 'E', 'F'])
  })
})

describe('what gunicorn is to serve', () => {
  test('is the WSGI_APPLICATION of the settings, where there is such a file', () => {
    const texts = { 'mysite/server.py': '', 'mysite/settings.py': 'WSGI_APPLICATION = "mysite.server.app"' }
    expect(detected(texts).wsgi).toBe('mysite.server:app')
    expect(detected({ 'mysite/settings.py': 'WSGI_APPLICATION = "gone.wsgi.application"' }).wsgi).toBe(
      'mysite.wsgi:application',
    )
  })
})

describe('a person hears', () => {
  test('of what is in the commit and should not be', () => {
    const project = detected({ '.env': '', 'docker/.env.production': '', '.env.example': '', 'db.sqlite3': '' })
    expect(project.committedDotenv).toEqual(['.env', 'docker/.env.production'])
    expect(project.notes).toEqual([
      {
        level: 'warning',
        message:
          '".env" is in the commit: it stays out of the release. What the site needs of it belongs into the stage\'s dotenv.',
      },
      {
        level: 'warning',
        message:
          '"docker/.env.production" is in the commit: it stays out of the release. What the site needs of it belongs into the stage\'s dotenv.',
      },
      {
        level: 'warning',
        message: '"db.sqlite3" is in the commit: the site has a database of its own and does not read this one.',
      },
    ])
  })

  test('of a gunicorn that is missing, and of packages from the source', () => {
    expect(detected({ 'requirements.txt': 'Django\n-e ./lib\n' }).notes.map(({ message }) => message)).toEqual([
      'gunicorn is not in "requirements.txt": it is added.',
      '"requirements.txt" installs "-e ./lib" from the source: a change of it alone does not make a new virtualenv.',
    ])
  })

  test('nothing about a plain project', () => {
    expect(detected({})).toMatchObject({ notes: [], hasGunicorn: true, gunicornConfig: undefined, python: undefined })
    expect(detected({ 'gunicorn.conf.py': '' }).gunicornConfig).toBe('gunicorn.conf.py')
  })
})

describe('a project is refused', () => {
  const refusal = (texts: Readonly<Record<string, string>>) => {
    try {
      detectDjango(givenFiles(texts))
    } catch (error) {
      return error
    }
    return undefined
  }

  test('that has no manage.py', () => {
    expect(refusal({ 'app.py': '' })).toMatchObject({
      code: 'config',
      message: 'Cannot find a Django project, because no manage.py is in the commit.',
      hint: 'commit it, or run the command in the folder of the project',
    })
  })

  test('that has two, equally near', () => {
    expect(refusal({ 'api/manage.py': named('api'), 'web/manage.py': named('web') })).toMatchObject({
      code: 'config',
      message: 'Cannot tell which Django project to deploy, because there is a manage.py in "api" and in "web".',
      hint: "say which in tasks.config.ts: app: { directory: 'api' }",
    })
  })

  test('that has no wsgi.py', () => {
    expect(refusal({ 'manage.py': named('mysite.settings'), 'mysite/settings.py': '' })).toMatchObject({
      message: 'Cannot tell what gunicorn is to serve, because there is no wsgi.py in the commit.',
      hint: "say what in tasks.config.ts: app: { wsgi: 'mysite.wsgi:application' }",
    })
  })

  test('that names no settings and has several', () => {
    const texts = {
      'manage.py': 'import django.core.management',
      'a/settings.py': '',
      'b/settings.py': '',
      'a/wsgi.py': '',
    }
    expect(refusal(texts)).toMatchObject({
      message:
        'Cannot tell which settings the site runs with, because neither wsgi.py nor manage.py names a settings module.',
      hint: "say which in tasks.config.ts: app: { settings: 'mysite.settings' }",
    })
  })
})
