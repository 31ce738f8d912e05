import { sh } from '../core/sh.ts'
import { type Said, type Step, step } from '../core/step.ts'
import { type CopiedRelease, fromNumber } from './release-copy.ts'
import { unitFunctions } from './site-unit.ts'

/** Names the migrations that came after the old release: its database stays as it is. Changes nothing. */
export function migrationsLeft({ folder, number }: CopiedRelease): Step {
  return step({
    name: 'migrations',
    title: `migrations that came after the older release of ${folder.site} are known`,
    uses: [unitFunctions, migrationFunctions],
    check: sh`later_migrations ${folder.path} ${fromNumber} ${number}`,
    tell: ({ output }) => {
      const names = output.split('\n').filter((line) => line !== '')
      if (names.length === 0) return []
      return [
        {
          kind: 'warning',
          message: `The rollback does not undo migrations, and the older release does not know these: ${names.join(', ')}.`,
          hint: 'where the older release cannot live with them, undo them first with manage.py migrate, on the host',
        },
      ]
    },
  })
}

/** The steps with which a release comes to serve; the one that switches tells how to undo it. */
export function undoTold(release: CopiedRelease, steps: readonly Step[]): readonly Step[] {
  const { folder, number, previous } = release
  const news = ({ verdict, values }: Said) =>
    verdict === 'changed'
      ? [
          {
            kind: 'note' as const,
            message: `Release ${values[number.name]} of "${folder.site}" is made from release ${values[fromNumber.name]}.`,
            hint: `to undo the rollback: tasks rollback --site ${folder.site} --to ${values[previous.name]}`,
          },
        ]
      : []
  return steps.map((each) =>
    each.name === 'switched' ? { ...each, tell: (said) => [...(each.tell?.(said) ?? []), ...news(said)] } : each,
  )
}

const migrationFunctions = sh`
migrations_of() ( # SOURCE
  cd -- "$1" 2>/dev/null || exit 0
  find . -type f -path '*/migrations/*.py' ! -name __init__.py | sed -n 's#^.*/\([^/]*\)/migrations/\([^/]*\)\.py$#\1.\2#p' | sort -u
)
later_migrations() { # SITE_FOLDER FROM NUMBER
  serving=$(current_of "$1")
  if [ "$serving" != "$3" ] && [ -d "$1/releases/$2/source" ]; then
    known=$(migrations_of "$1/releases/$2/source")
    migrations_of "$1/releases/$serving/source" | while IFS= read -r migration; do
      printf '%s\n' "$known" | grep -q -x -F -- "$migration" || printf '%s\n' "$migration"
    done
  fi
}`
