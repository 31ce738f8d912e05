import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const example = (path: string) => readFileSync(join(import.meta.dirname, '../../examples/django', path), 'utf8')

const fields = 'is_done = models.BooleanField(default=False)'
const models = example('lists/models.py').replace(fields, `${fields}\n    due = models.DateField(null=True)`)

/** A new field with its migration, a page that reads it, and a new style. */
export const dueDate: Readonly<Record<string, string>> = {
  'lists/models.py': models,
  'lists/migrations/0002_item_due.py': migration(
    '0001_initial',
    "migrations.AddField('item', 'due', models.DateField(null=True))",
  ),
  'lists/views.py': example('lists/views.py').replace(
    '{"form": form, "recent": recent}',
    '{"form": form, "recent": recent, "due": Item.objects.filter(due__isnull=False).count()}',
  ),
  'lists/templates/lists/home.html': example('lists/templates/lists/home.html').replace(
    '{% block content %}',
    '{% block content %}<p>{{ due }} items are due</p>',
  ),
  'lists/static/lists/lists.css': `${example('lists/static/lists/lists.css')}\np { color: rebeccapurple }\n`,
}

/** A migration that fails as the rows of a real site would make it fail. */
export const brokenMigration: Readonly<Record<string, string>> = {
  'lists/migrations/0003_broken.py': `from django.db import IntegrityError\n${migration(
    '0002_item_due',
    'migrations.RunPython(fail)',
  ).replace(
    'class Migration',
    "def fail(apps, schema_editor):\n    raise IntegrityError('no such luck')\n\n\nclass Migration",
  )}`,
}

/** The same, mended. */
export const withoutIt: Readonly<Record<string, string>> = {
  'lists/migrations/0003_broken.py': migration('0002_item_due', ''),
}

/** Settings that ask for what nobody gives. */
export const raisesAtImport: Readonly<Record<string, string>> = {
  'superlists/settings.py': `MAP_KEY = __import__('os').environ['MAP_KEY']\n${example('superlists/settings.py')}`,
}

function migration(after: string, operation: string): string {
  return `from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('lists', '${after}')]
    operations = [${operation}]
`
}
