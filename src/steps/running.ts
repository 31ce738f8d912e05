import { sh } from '../core/sh.ts'
import { type Explanation, type Said, type Step, step } from '../core/step.ts'
import { hostTrouble } from './host-trouble.ts'
import { doneFile, type MadeRelease } from './release.ts'
import { lastReason, lookupsOf, unitFunctions } from './site-unit.ts'

/**
 * The release's own instance of the site's unit runs, beside the one that serves, and starts at boot.
 *
 * Checks the unit's state and its link; the apply enables and starts it, after which its health is to be proved anew. A release
 * that does not start is marked bad, and the one that serves goes on.
 */
export function running(release: MadeRelease): Step {
  const { unit, folder, number } = release
  return step({
    name: 'running',
    title: `release <release> of ${folder.site} runs and starts at boot`,
    uses: [unitFunctions, startFunctions],
    lookups: lookupsOf(folder.site),
    check: sh`unit_is_enabled ${unit} && unit_is_seen_up ${unit}`,
    apply: sh`
      rm -f -- ${doneFile(release, 'healthy')}
      make_startable ${unit}
      enable_beside ${`gunicorn-${folder.site}`} ${unit}
      unit_is_up ${unit} || clear_socket_folder ${folder.site} ${number}
      systemctl start -- ${unit} || give_up ${unit} ${folder.path} ${number} ${folder.user}`,
    preview: sh`printf '%s\n' ${sh`"systemctl enable --now "`}${unit}`,
    timeouts: { apply: 180 },
    explain: (said) => startExplained(said, release),
  })
}

/** Why a release did not start, in a person's words, by its last words. */
export function startExplained(said: Said, { folder, number }: MadeRelease): Explanation {
  const cannot = `Cannot start release ${said.values[number.name] ?? ''} of "${folder.site}"`
  const masked = /Unit (?:file )?(?:\/\S*\/)?(gunicorn-\S+?\.service) is masked/.exec(said.output)?.[1]
  if (masked !== undefined) {
    return {
      message: `${cannot}, because somebody masked its unit on the host.`,
      hint: `if nobody needs that any more: systemctl unmask ${masked}`,
    }
  }
  return (
    hostTrouble(said, cannot) ?? {
      message: `${cannot}, because ${lastReason(said.output) ?? 'its unit ended at once'}.`,
      hint: `run on the host: sudo journalctl -u 'gunicorn-${folder.site}@*'`,
    }
  )
}

// systemd reads the file of an instance that it does not know when it is asked for it, so a reload, which is dear, is for one that it
// had read before and that has changed since. What stands where systemd makes the folder of the socket is of no use where nothing runs;
// where something does, visitors come through it.
const startFunctions = sh`
make_startable() { # UNIT
  [ "$(unit_state "$1" NeedDaemonReload)" != yes ] || systemctl daemon-reload
  systemctl reset-failed -- "$1" 2>/dev/null || :
}
enable_beside() { # UNIT_PREFIX UNIT: systemd need not hear of the link before another release is drained, which ends with a reload
  for link in /etc/systemd/system/multi-user.target.wants/"$1"@*.service; do
    if [ -L "$link" ] && [ "\${link##*/}" != "$2" ]; then
      systemctl enable --quiet --no-reload -- "$2"
      return
    fi
  done
  systemctl enable --quiet -- "$2"
}
clear_socket_folder() { # SITE NUMBER
  [ ! -e "/run/gunicorn-$1" ] || [ -d "/run/gunicorn-$1" ] || rm -f -- "/run/gunicorn-$1"
  rm -rf -- "/run/gunicorn-$1/$2"
}`
