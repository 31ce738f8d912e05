import { describe, expect, test } from 'vitest'
import { environmentFor } from '../../../src/recipes/django/environment.ts'
import { environmentNames } from '../../../src/recipes/django/settings-scan.ts'

const site = { siteName: 'example.com', aliases: ['www.example.com'], stageDotenvNames: [] }
const asking = (text: string) => ({ environment: environmentNames([{ path: 'settings.py', text }]) })

describe('the environment of a site', () => {
  test('gives a project that asks for nothing the name of the site and a key', () => {
    expect(environmentFor(asking(''), site)).toEqual({
      values: { SITENAME: 'example.com' },
      secretKeyNames: ['DJANGO_SECRET_KEY'],
      missing: [],
      singleHostNames: [],
    })
  })

  test('answers each name in the way that the settings read it', () => {
    const text = `
if "DJANGO_DEBUG_FALSE" in os.environ:
    DEBUG = False
    SECRET_KEY = os.environ["THE_KEY"]
ALLOWED_HOSTS = env.list("HOSTS")
CSRF_TRUSTED_ORIGINS = os.environ["ORIGINS"].split(" ")
DEBUG = env.bool("DEBUG")
EMAIL_HOST = env("EMAIL_HOST", default="")
`
    expect(environmentFor(asking(text), site)).toMatchObject({
      values: {
        SITENAME: 'example.com',
        DJANGO_DEBUG_FALSE: 'y',
        DEBUG: 'False',
        HOSTS: 'example.com,www.example.com',
        ORIGINS: 'https://example.com https://www.example.com',
      },
      secretKeyNames: ['DJANGO_SECRET_KEY', 'THE_KEY'],
      missing: [],
    })
  })

  test("leaves alone what the stage's dotenv says", () => {
    const text =
      'SECRET_KEY = env("KEY")\nDEBUG = env("DEBUG")\nALLOWED_HOSTS = [env("SITENAME")]\nX = env("MAIL_PASSWORD")'
    const stageDotenvNames = ['KEY', 'DEBUG', 'SITENAME', 'DJANGO_SECRET_KEY', 'MAIL_PASSWORD']
    expect(environmentFor(asking(text), { ...site, stageDotenvNames })).toEqual({
      values: {},
      secretKeyNames: [],
      missing: [],
      singleHostNames: [],
    })
  })

  test('names what the settings cannot do without and nobody gives', () => {
    const found = environmentFor(asking('X = env("MAIL_PASSWORD")\nY = os.environ.get("PHONE")'), site)
    expect(found.missing).toEqual([{ name: 'MAIL_PASSWORD', role: 'other', isRequired: true, where: 'settings.py:1' }])
  })

  test('names what has room for one host, when the site has two', () => {
    const project = asking('ALLOWED_HOSTS = [os.environ["DJANGO_ALLOWED_HOST"]]')
    expect(environmentFor(project, site)).toMatchObject({
      values: { DJANGO_ALLOWED_HOST: 'example.com' },
      singleHostNames: ['DJANGO_ALLOWED_HOST'],
    })
    expect(environmentFor(project, { ...site, aliases: [] }).singleHostNames).toEqual([])
  })
})
