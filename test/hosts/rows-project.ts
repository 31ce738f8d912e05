import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeKind } from '../kinds/index.ts'

interface Places {
  /** Python expressions of the settings: where the database and the uploads are. */
  readonly database: string
  readonly media: string
  /** More files of the commit. */
  readonly files?: Readonly<Record<string, string>>
}

/** A project that writes a row and an upload when it is told to, and tells of all that it has, in a repository of its own. */
export async function rowsProject({ database, media, files = {} }: Places): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tasks-rows-'))
  const all = { ...project, ...version(1), 'shop/settings.py': settings(database, media), ...files }
  await makeKind({ name: 'rows', files: all }, folder)
  return folder
}

/** Its files in this version; the third and the sixth bring a column of their own. */
export function version(number: number): Readonly<Record<string, string>> {
  const columns = [3, 6].filter((since) => since <= number)
  const fields = columns.map((since) => `    since_${since} = models.IntegerField(default=${since})\n`)
  return {
    'shop/version.py': `VERSION = ${number}\n`,
    'shop/models.py': `from django.db import models\n\n\nclass Row(models.Model):\n    text = models.TextField()\n${fields.join('')}`,
    ...Object.fromEntries(columns.map((since) => [`shop/migrations/000${since}_column.py`, column(since)])),
  }
}

/** A version that does not start. */
export const brokenVersion: Readonly<Record<string, string>> = { 'shop/version.py': 'raise RuntimeError("broken")\n' }

function column(since: number): string {
  const before = since === 3 ? '0001_initial' : '0003_column'
  return migration([before], `migrations.AddField("row", "since_${since}", models.IntegerField(default=${since}))`)
}

function migration(after: readonly string[], operation: string): string {
  return `from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [${after.map((name) => `("shop", "${name}")`).join(', ')}]
    operations = [${operation}]
`
}

const settings = (database: string, media: string) => `from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "in the source"
DEBUG = True
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ${database}}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_URL = "/media/"
MEDIA_ROOT = ${media}
`

const project = {
  'manage.py':
    'import os, sys\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n\nif __name__ == "__main__":\n    from django.core.management import execute_from_command_line\n\n    execute_from_command_line(sys.argv)\n',
  'requirements.txt': 'Django>=5.2,<5.3\ngunicorn>=23\n',
  'shop/__init__.py': '',
  'shop/migrations/__init__.py': '',
  'shop/migrations/0001_initial.py': migration(
    [],
    'migrations.CreateModel("Row", [("id", models.BigAutoField(primary_key=True)), ("text", models.TextField())])',
  ),
  'shop/wsgi.py':
    'import os\n\nfrom django.core.wsgi import get_wsgi_application\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\napplication = get_wsgi_application()\n',
  'shop/urls.py':
    'from django.urls import path\n\nfrom shop import views\n\nurlpatterns = [path("", views.all_of_it), path("add/<name>", views.add)]\n',
  'shop/views.py': `from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import JsonResponse

from shop.models import Row
from shop.version import VERSION


def add(request, name):
    Row.objects.create(text=name)
    default_storage.save(name + ".txt", ContentFile("upload " + name))
    return all_of_it(request)


def all_of_it(request):
    rows = list(Row.objects.order_by("id").values_list("text", flat=True))
    return JsonResponse({"version": VERSION, "rows": rows})
`,
}
