import { describe, expect, test } from 'vitest'
import { type EnvironmentName, environmentNames } from '../../../src/recipes/django/settings-scan.ts'

/** What is found, without the place; `where` has a test of its own. */
function scanned(text: string): readonly Omit<EnvironmentName, 'where'>[] {
  return environmentNames([{ path: 'settings.py', text }]).map(({ where: _, ...rest }) => rest)
}

describe('the scan of the settings', () => {
  test.each<readonly [text: string, off: string | undefined]>([
    ['DEBUG = os.environ.get("NAME") == "True"', 'False'],
    ['DEBUG = os.environ.get("NAME", "") != "False"', 'False'],
    ['DEBUG = os.getenv("NAME", "0") not in ("no", "0")', 'no'],
    ['DEBUG = env.bool("NAME", default=False)', 'False'],
    ['DEBUG = config("NAME", default=True, cast=bool)', 'False'],
    ['DEBUG: bool = bool(int(os.environ.get("NAME", 1)))', '0'],
    ['DEBUG = json.loads(os.environ["NAME"])', 'false'],
    ['DEBUG = not env.bool("NAME")', 'True'],
    ['DEBUG = not bool(os.environ.get("NAME"))', 'True'],
    ['DEBUG = not int(os.environ.get("NAME", 0))', '1'],
    ['DEBUG = os.environ.get("NAME") != "live"', 'live'],
    ['DEBUG = "NAME" not in os.environ', 'y'],
    ['DEBUG = "NAME" in os.environ', undefined],
    ['if "NAME" in os.environ:\n    DEBUG = False\nelse:\n    DEBUG = True', 'y'],
    ['if "NAME" not in environ:\n    DEBUG = True\n', 'y'],
    ['if "NAME" in os.environ:\n    X = 1\n    DEBUG = True', undefined],
  ])('tells how the environment switches debugging off: %j', (text, off) => {
    expect(scanned(text)).toEqual([
      { name: 'NAME', role: 'debug', isRequired: expect.any(Boolean), ...(off === undefined ? {} : { off }) },
    ])
  })

  test.each([
    [
      'ENVIRONMENT = os.environ.get("ENVIRONMENT", "development")\nif ENVIRONMENT == "production":\n    DEBUG = False',
      'production',
    ],
    ['ENV = config("DJANGO_ENV")\nDEBUG = ENV != "prod"', 'prod'],
    ['DEBUG = os.environ.get("APP_ENV") == "development"', 'production'],
  ])('finds the word for production: %j', (text, off) => {
    expect(scanned(text)).toMatchObject([{ role: 'debug', off }])
  })

  test.each<readonly [text: string, separator: string | undefined]>([
    ['ALLOWED_HOSTS = [os.environ["HOST"]]', undefined],
    ['ALLOWED_HOSTS = os.environ["HOST"].split(",")', ','],
    ['ALLOWED_HOSTS = os.environ.get("HOST", "localhost 127.0.0.1").split()', ' '],
    ['ALLOWED_HOSTS = os.environ.get(\n    "HOST",  # more than one\n    "",\n).split(";")', ';'],
    ['ALLOWED_HOSTS = env.list("HOST")', ','],
    ['ALLOWED_HOSTS = config("HOST", cast=Csv())', ','],
    ['ALLOWED_HOSTS += [os.environ["HOST"]]', undefined],
  ])('tells how many hosts there is room for: %j', (text, separator) => {
    const found = scanned(text)
    expect(found).toMatchObject([{ name: 'HOST', role: 'hosts' }])
    expect(found[0]?.separator).toBe(separator)
  })

  test.each<readonly [text: string, isRequired: boolean]>([
    ['X = os.environ["NAME"]', true],
    ["X = os.environ['NAME'] or 1", true],
    ['X = os.environ.get("NAME")', false],
    ['X = os.getenv("NAME")', false],
    ['X = env("NAME")', true],
    ['X = env.str("NAME", "")', false],
    ['X = env.int("NAME", default=1)', false],
    ['X = config("NAME")', true],
    ['X = config("NAME", cast=int)', true],
    ['X = config("NAME", cast=int, default=3)', false],
    ['X = [config("NAME"), config("OTHER", default=1)][0]', true],
    ['X = get_env_variable("NAME")', true],
    ['env = environ.Env(\n    NAME=(str, "x"),\n)\nX = env("NAME")', false],
  ])('tells whether the settings can do without: %j', (text, isRequired) => {
    expect(scanned(text)[0]).toEqual({ name: 'NAME', role: 'other', isRequired })
  })

  test.each([
    ['SECRET_KEY = os.environ["KEY_OF_SITE"]', 'KEY_OF_SITE', 'secret-key'],
    ['key = os.environ.get("SECRET_KEY")', 'SECRET_KEY', 'secret-key'],
    ['CSRF_TRUSTED_ORIGINS = env.list("ORIGINS")', 'ORIGINS', 'origins'],
    ['DATABASES = {\n    "default": {"PASSWORD": os.environ["DB_PASSWORD"]},\n}', 'DB_PASSWORD', 'database'],
    ['DATABASES["default"]["HOST"] = os.environ["DB_HOST"]', 'DB_HOST', 'database'],
    ['DATABASES = {"default": env.db()}', 'DATABASE_URL', 'database'],
    ['DATABASES = {"default": dj_database_url.config(conn_max_age=600)}', 'DATABASE_URL', 'database'],
    ['site = os.environ["SITENAME"]', 'SITENAME', 'hosts'],
    ['EMAIL_HOST = env("EMAIL_HOST")', 'EMAIL_HOST', 'other'],
  ])('tells what a name is for: %j', (text, name, role) => {
    expect(scanned(text)).toMatchObject([{ name, role }])
  })

  test.each([
    '# SECRET_KEY = os.environ["SECRET_KEY"]',
    '"""\nSECRET_KEY = os.environ["SECRET_KEY"]\n"""',
    'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "x")',
    'X = os.environ["DJANGO_SETTINGS_MODULE"]',
    'X = os.environ["lower"]',
    'X = os.environ[name]',
    'X = names["NAME"]',
    'X = "a # " + names.get("NAME")  # os.environ["NAME"]',
  ])('finds nothing in %j', (text) => {
    expect(scanned(text)).toEqual([])
  })

  test('gives a name once, as what it is most, with the place where it is that', () => {
    const base = { path: 'site/base.py', text: 'X = env("KEY", default="")\n' }
    const live = { path: 'site/live.py', text: '\n\nSECRET_KEY = env(\n    "KEY"\n)\n' }
    expect(environmentNames([base, live])).toEqual([
      { name: 'KEY', role: 'secret-key', isRequired: true, where: 'site/live.py:3' },
    ])
  })
})
