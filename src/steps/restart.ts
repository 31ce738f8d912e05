import { sh } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'
import { type CopiedRelease, copiedEnvironment, copiedValues, fromNumber } from './release-copy.ts'
import { historyFunctions } from './release-history.ts'
import { unitFunctions } from './site-unit.ts'

/**
 * The release that serves, which a restart copies, and the copy's number: the next one, or that of a restart whose work was cut short:
 * before its switch where the copy is as it would be made now, or after it while the one before still runs. Nothing is written.
 */
export function restartNumbers({ folder, number, previous, ...release }: CopiedRelease): readonly Step[] {
  const { path, site } = folder
  const uses = [unitFunctions, historyFunctions, copiedEnvironment, numberFunctions]
  return [
    step({
      name: 'running release',
      title: `the release of ${site} that runs now`,
      value: previous,
      uses,
      check: sh`running_release ${path}`,
      explain: () => ({
        message: `Cannot restart "${site}", because it was never deployed to this host.`,
        hint: `run: tasks deploy --site ${site}`,
        output: '',
      }),
    }),
    step({
      name: 'release before',
      title: 'the release that is made anew',
      value: fromNumber,
      check: sh`printf %s ${previous}`,
    }),
    step({
      name: 'release number',
      title: 'the release that this restart is about',
      value: number,
      uses,
      check: sh`restart_number ${path} gunicorn-${site} ${fromNumber}`,
    }),
    ...copiedValues({ folder, number, previous, ...release }),
  ]
}

const numberFunctions = sh`
running_release() { # SITE_FOLDER
  now=$(current_of "$1")
  [ -n "$now" ] && printf %s "$now"
}
restart_number() { # SITE_FOLDER UNIT_PREFIX FROM
  if is_kind restart "$1/releases/$3" && older_runs "$2" "$3"; then
    printf %s "$3"
  else
    copy_number "$1" "$3" is_restart_of "$3"
  fi
}
is_restart_of() { # SITE_FOLDER FROM NUMBER: with the environment that it would get now
  is_kind restart "$1/releases/$3" && grep -q -F "\"from\":$2," "$1/releases/$3/release.json" &&
    environment_for restart "$1" "$2" | cmp -s - "$1/releases/$3/env"
}`
