/** Files of a project by their path. */
export type Files = Readonly<Record<string, string>>

/** A project as `startproject` makes it, with one app whose page reads and writes the database and links one static file. */
export function startproject(marker: string): Files {
  return {
    'manage.py': entryPoint('mysite.settings', manageBody),
    'mysite/__init__.py': '',
    'mysite/settings.py': settings,
    'mysite/urls.py': `from django.urls import path\n\nfrom notes import views\n\nurlpatterns = [path("", views.page)]\n`,
    'mysite/wsgi.py': entryPoint('mysite.settings', wsgiBody),
    ...notes(marker),
    'requirements.txt': 'Django>=5.2,<5.3\ngunicorn>=23  # the server\n',
    '.gitignore': '__pycache__/\n*.sqlite3\n',
  }
}

/** The same files with some texts replaced, added, or (undefined) left out. A text to replace must be there. */
export function changed(files: Files, changes: Record<string, Change>): Files {
  const result: Record<string, string> = { ...files }
  for (const [path, change] of Object.entries(changes)) {
    if (change === undefined) delete result[path]
    else result[path] = typeof change === 'string' ? change : replaced(path, result[path] ?? '', change)
  }
  return result
}

type Change = string | undefined | readonly (readonly [from: string, to: string])[]

/** The same files one folder down, except those that stay in the root. */
export function below(folder: string, files: Files, staying: readonly string[]): Files {
  const entries = Object.entries(files)
  return Object.fromEntries(entries.map(([path, text]) => [staying.includes(path) ? path : `${folder}/${path}`, text]))
}

/** manage.py or wsgi.py, naming its settings module; by assignment, the environment has no say. */
export function entryPoint(module: string, body: string, how: 'setdefault' | 'assignment' = 'setdefault'): string {
  const named =
    how === 'setdefault'
      ? `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "${module}")`
      : `os.environ["DJANGO_SETTINGS_MODULE"] = "${module}"`
  return `import os\n\n${named}\n\n${body}`
}

export const manageBody = `if __name__ == "__main__":
    import sys

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
`

export const wsgiBody = `from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
`

/** What an early settings.py holds; the kinds change it. */
const settings = `from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = "django-insecure-this-key-is-in-the-source-of-a-public-repository"

DEBUG = True

ALLOWED_HOSTS = []

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "notes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]

ROOT_URLCONF = "mysite.urls"

TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [], "APP_DIRS": True}]

WSGI_APPLICATION = "mysite.wsgi.application"

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "db.sqlite3",
    }
}

STATIC_URL = "static/"

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
`

function notes(marker: string): Files {
  return {
    'notes/__init__.py': '',
    'notes/models.py': `from django.db import models\n\n\nclass Visit(models.Model):\n    at = models.DateTimeField(auto_now_add=True)\n`,
    'notes/migrations/__init__.py': '',
    'notes/migrations/0001_initial.py': migration,
    'notes/views.py': views,
    'notes/templates/notes/page.html': page.replaceAll('MARKER', marker),
    'notes/static/notes/site.css': `/* ${marker} */\nh1 { color: teal }\n`,
  }
}

const migration = `from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
`

const views = `from django.conf import settings
from django.shortcuts import render

from notes.models import Visit


def page(request):
    Visit.objects.create()
    return render(request, "notes/page.html", {"visits": Visit.objects.count(), "debug": settings.DEBUG})
`

const page = `{% load static %}<!doctype html>
<title>MARKER</title>
<link rel="stylesheet" href="{% static 'notes/site.css' %}">
<h1>MARKER</h1>
<p>visits: {{ visits }}, debug: {{ debug }}</p>
`

function replaced(path: string, text: string, replacements: readonly (readonly [string, string])[]): string {
  return replacements.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`"${path}" does not hold "${from}"`)
    return before.replace(from, () => to)
  }, text)
}
