import { below, changed, entryPoint, type Files, manageBody, startproject, wsgiBody } from './files.ts'

/** One way in which real projects are made, and what a deploy must find out about it. */
export interface Kind {
  readonly name: string
  readonly files: Files
  /** Stands in the page at `/` and in the static file; no other kind has it. */
  readonly marker: string
  /** manage.py's folder: where everything runs. */
  readonly directory: string
  /** The settings module that the site has to run with. */
  readonly settings: string
  readonly requirements: string
  /** Every requirements file that counts, the included ones too. */
  readonly requirementsFiles: readonly string[]
  readonly hasGunicorn: boolean
  /** The static file's name below STATIC_URL; with a manifest, the page links a hashed name instead. */
  readonly staticFile: string
  readonly hasManifest: boolean
  /** Names that the environment must give, as its settings ask for them. */
  readonly asksFor: readonly string[]
}

const toolbar = `
if DEBUG:
    # Installed on the author's machine only.
    INSTALLED_APPS += ["debug_toolbar"]
    MIDDLEWARE.insert(0, "debug_toolbar.middleware.DebugToolbarMiddleware")
`

const toolbarUrls = `from django.conf import settings
from django.urls import include, path

from notes import views

urlpatterns = [path("", views.page)]

if settings.DEBUG:
    urlpatterns.append(path("__debug__/", include("debug_toolbar.urls")))
`

const key = 'SECRET_KEY = "django-insecure-this-key-is-in-the-source-of-a-public-repository"'

const presence = `if "DJANGO_DEBUG_FALSE" in os.environ:
    DEBUG = False
    SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
    ALLOWED_HOSTS = [os.environ["SITENAME"]]
else:
    DEBUG = True
    SECRET_KEY = "insecure-key-for-dev"
    ALLOWED_HOSTS = []
`

const manifestStorage = `STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
`

const gunicornConfig = `import multiprocessing

bind = "0.0.0.0:8000"
reuse_port = True
daemon = True
pidfile = "gunicorn.pid"
accesslog = "access.log"
workers = min(2, multiprocessing.cpu_count())
worker_class = "gthread"
threads = 2
hooks = []


def post_worker_init(worker):
    hooks.append("ran")
    worker.log.info("the project's own hook ran %d time", len(hooks))
`

const production = `import os

from .base import *

DEBUG = False
SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
ALLOWED_HOSTS = os.environ["DJANGO_ALLOWED_HOSTS"].split(",")
`

/** Every kind that a deploy has to serve unedited. */
export const kinds: readonly Kind[] = [
  kind('flat', (files) => files),

  kind('src-folder', (files) => below('src', files, ['requirements.txt', '.gitignore']), { directory: 'src' }),

  kind('settings-package', (files) => settingsPackage(files, 'local', 'production'), {
    settings: 'mysite.settings.production',
    asksFor: ['DJANGO_SECRET_KEY', 'DJANGO_ALLOWED_HOSTS'],
  }),

  kind('development-named', (files) => settingsPackage(files, 'local', 'local'), {
    settings: 'mysite.settings.production',
    asksFor: ['DJANGO_SECRET_KEY', 'DJANGO_ALLOWED_HOSTS'],
  }),

  kind(
    'django-environ',
    (files) =>
      changed(files, {
        'requirements.txt': 'Django>=5.2,<5.3\ndjango-environ\ngunicorn\n',
        '.env': 'DEBUG=on\nSECRET_KEY=committed-and-so-known-to-everybody\nALLOWED_HOSTS=*\n',
        'mysite/settings.py': [
          [
            key,
            'env = environ.Env(DEBUG=(bool, False))\nenviron.Env.read_env(BASE_DIR / ".env")\n\nSECRET_KEY = env("SECRET_KEY")',
          ],
          ['from pathlib import Path\n', 'from pathlib import Path\n\nimport environ\n'],
          ['DEBUG = True', 'DEBUG = env("DEBUG")'],
          ['ALLOWED_HOSTS = []', 'ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")'],
          [
            '"default": {\n        "ENGINE": "django.db.backends.sqlite3",\n        "NAME": BASE_DIR / "db.sqlite3",\n    }',
            '"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / \'db.sqlite3\'}")',
          ],
        ],
      }),
    { asksFor: ['SECRET_KEY', 'DEBUG', 'ALLOWED_HOSTS', 'DATABASE_URL'] },
  ),

  kind(
    'debug-presence',
    (files) =>
      changed(files, {
        'mysite/settings.py': [
          ['from pathlib import Path\n', 'import os\nfrom pathlib import Path\n'],
          [`${key}\n\nDEBUG = True\n\nALLOWED_HOSTS = []\n`, presence],
        ],
      }),
    { asksFor: ['DJANGO_DEBUG_FALSE', 'DJANGO_SECRET_KEY', 'SITENAME'] },
  ),

  kind('apps-under-debug', (files) =>
    changed(files, {
      'mysite/settings.py': `${files['mysite/settings.py']}${toolbar}`,
      'mysite/urls.py': toolbarUrls,
    }),
  ),

  kind('relative-paths', (files) =>
    changed(files, {
      'notes/static/notes/site.css': undefined,
      'assets/notes/site.css': files['notes/static/notes/site.css'],
      'notes/templates/notes/page.html': undefined,
      'templates/notes/page.html': files['notes/templates/notes/page.html'],
      'mysite/settings.py': [
        ['BASE_DIR / "db.sqlite3"', '"data"'],
        ['"DIRS": []', '"DIRS": ["templates"]'],
        [
          'STATIC_URL = "static/"',
          'STATIC_URL = "static/"\nSTATICFILES_DIRS = ["assets"]\nMEDIA_URL = "media/"\nMEDIA_ROOT = "uploads"',
        ],
      ],
    }),
  ),

  kind('settings-assigned', (files) =>
    changed(files, {
      'manage.py': entryPoint('mysite.settings', manageBody, 'assignment'),
      'mysite/wsgi.py': entryPoint('mysite.settings', wsgiBody, 'assignment'),
    }),
  ),

  kind('imports-settings', (files) =>
    changed(files, {
      'mysite/wsgi.py': `from mysite import settings\n\nassert not settings.DEBUG\n\n${files['mysite/wsgi.py']}`,
      'notes/views.py': [['from django.conf import settings', 'from mysite import settings']],
    }),
  ),

  kind('gunicorn-config', (files) => changed(files, { 'gunicorn.conf.py': gunicornConfig })),

  kind(
    'whitenoise-manifest',
    (files) =>
      changed(files, {
        'requirements.txt': 'Django>=5.2,<5.3\ngunicorn\nwhitenoise\n',
        'mysite/settings.py': [
          ['SecurityMiddleware",\n', 'SecurityMiddleware",\n    "whitenoise.middleware.WhiteNoiseMiddleware",\n'],
          [
            'STATIC_URL = "static/"\n',
            `STATIC_URL = "static/"\nSTATIC_ROOT = BASE_DIR / "staticfiles"\n\n${manifestStorage}`,
          ],
        ],
      }),
    { hasManifest: true },
  ),

  kind(
    'included-requirements',
    (files) =>
      changed(files, {
        'requirements.txt': '-r requirements/base.txt\n--requirement=requirements/server.txt\n',
        'requirements/base.txt': '-c constraints.txt\nDjango\n',
        'requirements/server.txt': 'gunicorn\n',
        'requirements/constraints.txt': 'Django>=5.2,<5.3\n',
      }),
    {
      requirementsFiles: [
        'requirements.txt',
        'requirements/base.txt',
        'requirements/constraints.txt',
        'requirements/server.txt',
      ],
    },
  ),

  kind('no-gunicorn', (files) => changed(files, { 'requirements.txt': 'Django>=5.2,<5.3\n' }), { hasGunicorn: false }),
]

/** base, local (with what only the author has installed) and production, which asks the environment. */
function settingsPackage(files: Files, manage: string, wsgi: string): Files {
  const base = files['mysite/settings.py']?.replace('parent.parent', 'parent.parent.parent') ?? ''
  return changed(files, {
    'mysite/settings.py': undefined,
    'mysite/settings/__init__.py': '',
    'mysite/settings/base.py': base,
    'mysite/settings/local.py': `from .base import *\n\nALLOWED_HOSTS = ["*"]\n${toolbar}`,
    'mysite/settings/production.py': production,
    'manage.py': entryPoint(`mysite.settings.${manage}`, manageBody),
    'mysite/wsgi.py': entryPoint(`mysite.settings.${wsgi}`, wsgiBody),
  })
}

function kind(name: string, change: (files: Files) => Files, expected: Partial<Kind> = {}): Kind {
  const marker = `A page of the kind ${name}`
  return {
    name,
    marker,
    files: change(startproject(marker)),
    directory: '.',
    settings: 'mysite.settings',
    requirements: 'requirements.txt',
    requirementsFiles: ['requirements.txt'],
    hasGunicorn: true,
    staticFile: 'notes/site.css',
    hasManifest: false,
    asksFor: [],
    ...expected,
  }
}
