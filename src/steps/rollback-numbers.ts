import { sh } from '../core/sh.ts'
import { type Explanation, type Said, type Step, step } from '../core/step.ts'
import { type CopiedRelease, copiedValues, fromNumber } from './release-copy.ts'
import { historyFunctions } from './release-history.ts'
import { unitFunctions } from './site-unit.ts'

interface RollbackNumbers {
  /** The number that was asked for; undefined for the newest good one before what serves. */
  readonly to: number | undefined
}

/**
 * From which release to which: the one asked for, or the newest good one that is older than what serves; and the current release
 * where it is made from that already, else an unfinished rollback to it, else the next number. Nothing is written.
 *
 * Older than what serves: a copy that serves counts as the release that it is a copy of, so that a second rollback goes further
 * back, and one after a restart goes as far as one before it. A rollback whose work was cut short after the switch is taken up again.
 */
export function rollbackNumbers(release: CopiedRelease, { to }: RollbackNumbers): readonly Step[] {
  const { folder, number, previous } = release
  const { path, site } = folder
  const uses = [unitFunctions, historyFunctions, numberFunctions]
  const from = to === undefined ? '' : String(to)
  return [
    step({
      name: 'release before',
      title: `an older release of ${site} that was good`,
      value: fromNumber,
      uses,
      check: sh`rollback_from ${path} gunicorn-${site} ${from}`,
      explain: (said) => ({ ...unusable(site, to, said), output: '' }),
    }),
    step({
      name: 'running release',
      title: 'the release that runs now',
      value: previous,
      uses,
      check: sh`current_of ${path}`,
    }),
    step({
      name: 'release number',
      title: 'the release that this rollback is about',
      value: number,
      uses,
      check: sh`rollback_number ${path} ${fromNumber}`,
    }),
    ...copiedValues(release),
  ]
}

function unusable(site: string, to: number | undefined, { output }: Said): Explanation {
  const [, why = '', rest = ''] = /^rollback: (\S+) ?(.*)$/m.exec(output) ?? []
  const cannot = `Cannot roll back "${site}"`
  const good = `its good releases: ${rest}`
  switch (why) {
    case 'first':
      return {
        message: `${cannot}, because release ${rest} is its first good one.`,
        hint: `deploy another commit: tasks deploy --site ${site} --ref REF`,
      }
    case 'missing':
      return { message: `${cannot} to release ${to}, because there is no such release.`, hint: good }
    case 'bad':
      return { message: `${cannot} to release ${to}, because it was found bad.`, hint: good }
    case 'unserved':
      return { message: `${cannot} to release ${to}, because it never served.`, hint: good }
    default:
      return {
        message: `${cannot}, because it was never deployed to this host.`,
        hint: `run: tasks deploy --site ${site}`,
      }
  }
}

const numberFunctions = sh`
rollback_fails() { # WHY SITE_FOLDER
  good=
  for n in $(release_numbers "$2"); do ! is_good "$2/releases/$n" || good="$good, $n"; done
  printf 'rollback: %s %s\n' "$1" "\${good#, }"
  exit 1
}
rollback_from() ( # SITE_FOLDER UNIT_PREFIX WANTED
  now=$(current_of "$1")
  [ -n "$now" ] || rollback_fails never "$1"
  if [ -n "$3" ]; then
    [ -d "$1/releases/$3" ] || rollback_fails missing "$1"
    ! [ -e "$1/releases/$3/.bad" ] || rollback_fails bad "$1"
    is_good "$1/releases/$3" || rollback_fails unserved "$1"
    printf %s "$3"
    exit 0
  fi
  origin=$(origin_of "$1" "$now")
  if is_kind rollback "$1/releases/$now" && older_runs "$2" "$now"; then
    printf %s "$origin"
    exit 0
  fi
  for n in $(release_numbers "$1"); do
    if [ "$n" -lt "$origin" ] && is_good "$1/releases/$n"; then
      printf %s "$n"
      exit 0
    fi
  done
  printf 'rollback: first %s\n' "$origin"
  exit 1
)
rollback_number() ( # SITE_FOLDER FROM
  now=$(current_of "$1")
  if [ "$(origin_of "$1" "$now")" = "$(origin_of "$1" "$2")" ]; then
    printf %s "$now"
  else
    copy_number "$1" "$now" is_rollback_to "$2"
  fi
)
is_rollback_to() { # SITE_FOLDER FROM NUMBER
  is_kind rollback "$1/releases/$3" && [ "$(origin_of "$1" "$3")" = "$(origin_of "$1" "$2")" ]
}`
