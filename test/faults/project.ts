import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { commitAll } from '../hosts/floors.ts'
import { writeFiles } from '../kinds/index.ts'

const run = promisify(execFile)

/** A site whose page tells which code, which package and which schema answers, and all rows of its database. */
export interface Project {
  readonly folder: string
  /** The version of the newest commit. */
  readonly version: number
  /** Commits other code, another requirement and one more migration: a release of it shares nothing but the data. */
  next(): Promise<number>
  /** Commits code alone. */
  retouch(change?: { readonly isBroken: boolean }): Promise<number>
  remove(): Promise<void>
}

/**
 * Makes the project, in a repository of its own, at version 1. Its packages come from `wheels`, a folder, and from nowhere else, so
 * that pip works at full length whatever is cut; each version needs a package of its own.
 */
export async function makeProject(wheels: string): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'tasks-faults-'))
  await run('git', ['init', '--quiet', '--initial-branch=main'], { cwd: folder })
  await run('cp', ['-r', wheels, join(folder, 'wheels')])
  await writeFiles(folder, frame)
  let version = 0
  let schema = 0
  const next = async () => {
    schema = ++version
    await addMarker(folder, version)
    await writeFiles(folder, filesOf(version, schema))
    await commitAll(folder, `Version ${version}`)
    return version
  }
  const retouch = async ({ isBroken } = { isBroken: false }) => {
    version++
    await writeFiles(folder, { 'counter/views.py': views(version, schema, isBroken) })
    await commitAll(folder, `Version ${version}`)
    return version
  }
  await next()
  return {
    folder,
    get version() {
      return version
    },
    next,
    retouch,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A package without code of its own to build: one module that tells its version. */
async function addMarker(folder: string, version: number): Promise<void> {
  const parts = join(folder, '.git', 'marker')
  const about = `marker-${version}.dist-info`
  const files = {
    'marker.py': `VERSION = ${version}\n`,
    [`${about}/METADATA`]: `Metadata-Version: 2.1\nName: marker\nVersion: ${version}\n`,
    [`${about}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: faults\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${about}/RECORD`]: '',
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(parts, name)), { recursive: true })
    await writeFile(join(parts, name), text)
  }
  await run(
    'sh',
    ['-c', 'rm -f ../../wheels/marker-*; python3 -m zipfile -c "$0" marker.py "$1"', wheel(version), about],
    {
      cwd: parts,
    },
  )
}

const wheel = (version: number) => `../../wheels/marker-${version}-py3-none-any.whl`

function filesOf(version: number, schema: number): Readonly<Record<string, string>> {
  return {
    'requirements.txt': `--no-index\n--find-links wheels\nDjango\ngunicorn\nmarker==${version}\n`,
    'counter/views.py': views(version, schema, false),
    'counter/models.py': models(schema),
    'counter/static/counter/version.css': `/* ${version} */\n`,
    ...(schema === 1 ? { 'counter/migrations/0001_rows.py': firstMigration } : {}),
    [`counter/migrations/${migration(schema)}.py`]: marking(schema),
  }
}

const migration = (schema: number) => `${String(schema).padStart(4, '0')}_mark_${schema}`
const before = (schema: number) => (schema === 1 ? '0001_rows' : migration(schema - 1))

const frame = {
  'manage.py': `import os, sys
from django.core.management import execute_from_command_line
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "superlists.settings")
execute_from_command_line(sys.argv)
`,
  'tasks.config.json': '{ "app": { "keepReleases": 2 } }\n',
  'superlists/__init__.py': '',
  'superlists/settings.py': `from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "only for development"
DEBUG = True
ALLOWED_HOSTS = []
INSTALLED_APPS = ["django.contrib.staticfiles", "counter"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "superlists.urls"
WSGI_APPLICATION = "superlists.wsgi.application"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
STATIC_URL = "static/"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
`,
  'superlists/urls.py': `from django.urls import path
from counter import views
urlpatterns = [path("", views.page), path("add/<int:number>", views.add)]
`,
  'superlists/wsgi.py': `import os
from django.core.wsgi import get_wsgi_application
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "superlists.settings")
application = get_wsgi_application()
`,
  'counter/__init__.py': '',
  'counter/migrations/__init__.py': '',
}

/** Reads the column that its own migration made: code without its schema cannot answer. */
function views(version: number, schema: number, isBroken: boolean): string {
  return `from django.http import JsonResponse
from counter.models import Migrated, Row
import marker


def page(request):
    ${isBroken ? 'raise RuntimeError("out of ink")' : 'pass'}
    return JsonResponse({
        "version": ${version},
        "package": marker.VERSION,
        "marks": sorted({mark for mark in Row.objects.values_list("mark_${schema}", flat=True) if mark is not None}),
        "rows": list(Row.objects.order_by("id").values_list("number", flat=True)),
        "migrated": list(Migrated.objects.order_by("id").values_list("number", flat=True)),
    })


def add(request, number):
    Row.objects.create(number=number)
    return page(request)
`
}

function models(schema: number): string {
  return `from django.db import models


class Row(models.Model):
    number = models.IntegerField()
    mark_${schema} = models.IntegerField(null=True)


class Migrated(models.Model):
    number = models.IntegerField()
`
}

const firstMigration = `from django.db import migrations, models

id = ("id", models.BigAutoField(primary_key=True))


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("Row", [id, ("number", models.IntegerField())]),
        migrations.CreateModel("Migrated", [id, ("number", models.IntegerField())]),
    ]
`

/** Changes the schema, takes its time, and then the rows; that it was done is itself a row, one each time. */
function marking(schema: number): string {
  return `import time
from django.db import migrations, models


def mark(apps, schema_editor):
    time.sleep(0.2)
    apps.get_model("counter", "Row").objects.update(mark_${schema}=${schema})
    apps.get_model("counter", "Migrated").objects.create(number=${schema})


class Migration(migrations.Migration):
    dependencies = [("counter", "${before(schema)}")]
    operations = [
        migrations.AddField("row", "mark_${schema}", models.IntegerField(null=True)),
        migrations.RunPython(mark),
    ]
`
}
