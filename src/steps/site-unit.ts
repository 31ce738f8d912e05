import { sh } from '../core/sh.ts'

/** What a step declares whose check calls the functions below that know what was looked up. */
export function lookupsOf(site: string): { readonly units: readonly string[] } {
  return { units: [`gunicorn-${site}@*.service`] }
}

/**
 * Host functions about the instances of a site's unit. Root calls them; what they write in the user's folder is written as
 * the user.
 */
export const unitFunctions = sh`
unit_state() { # UNIT PROPERTY
  systemctl show --property "$2" --value -- "$1"
}
unit_is_enabled() { # UNIT: told by its link, which is there even while the unit's file is not
  [ -L "/etc/systemd/system/multi-user.target.wants/$1" ]
}
unit_is_up() { # UNIT: it runs, or is on its way to
  case $(unit_state "$1" ActiveState) in active | activating | reloading) ;; *) return 1 ;; esac
}
unit_is_seen_up() { # UNIT: the same, as it was when units were looked up
  look_up "$1" ActiveState
  case $looked in active | activating | reloading) ;; *) return 1 ;; esac
}
no_other_is_seen() { # UNIT_PREFIX NUMBER: no other instance ran when units were looked up, and none will start at boot
  for unit in $(units_in active activating reloading deactivating failed) /etc/systemd/system/multi-user.target.wants/"$1"@*.service; do
    case \${unit##*/} in
      "$1@$2.service" | "$1@*.service") ;;
      "$1"@*) return 1 ;;
    esac
  done
}
site_instances() { # UNIT_PREFIX: numbers of the instances that run or will start at boot
  {
    systemctl list-units --all --plain --no-legend --no-pager --state=active,activating,reloading,deactivating,failed -- "$1@*.service" 2>/dev/null | while read -r unit _; do
      printf '%s\n' "$unit"
    done
    for unit in /etc/systemd/system/multi-user.target.wants/"$1"@*.service; do
      [ ! -L "$unit" ] || printf '%s\n' "\${unit##*/}"
    done
  } | sed 's/.*@\([0-9]*\)\.service$/\1/' | sort -nu
}
current_of() { # SITE_FOLDER, in a subshell, which it leaves anywhere: the release that serves; where the link to it is lost, the last one that was switched to
  if [ -L "$1/current" ] && cd -P -- "$1/current" 2>/dev/null; then
    current=\${PWD##*/}
    case $current in
      '' | *[!0-9]*) ;;
      *) if [ . -ef "$1/releases/$current" ]; then printf %s "$current"; return; fi ;;
    esac
  fi
  current=0
  for switched in "$1"/releases/*/.done/switched; do
    n=\${switched%/.done/switched} n=\${n##*/}
    case $n in *[!0-9]* | 0* | '') continue ;; esac
    [ "$n" -le "$current" ] || [ -e "$1/releases/$n/.bad" ] || current=$n
  done
  [ "$current" = 0 ] || printf %s "$current"
}
last_words() { # UNIT
  journalctl --sync 2>/dev/null || :
  journalctl --unit "$1" --lines 200 --output cat --no-pager --quiet 2>/dev/null || :
}
give_up() { # UNIT SITE_FOLDER NUMBER USER: never the release that serves
  last_words "$1"
  [ "$(current_of "$2")" != "$3" ] || return 1
  systemctl disable --quiet -- "$1" 2>/dev/null || :
  systemctl stop --no-block -- "$1" 2>/dev/null || :
  systemctl kill --signal=KILL -- "$1" 2>/dev/null || : # it has no visitor to finish with, and may hang
  systemctl stop -- "$1" 2>/dev/null || :
  systemctl reset-failed -- "$1" 2>/dev/null || :
  runuser -u "$4" -- touch -- "$2/releases/$3/.bad"
  return 1
}`

/** The reason in a Python process's last words: the last line of the last traceback, or gunicorn's own complaint. */
export function lastReason(output: string): string | undefined {
  const lines = lastWords(output)
    .split('\n')
    .map((line) => line.trimEnd())
  const raised = lines.findLast((line) =>
    /^(?:[A-Za-z_][\w.]*(?:Error|Exception|Improperly\w+|Exit|Interrupt|DoesNotExist|Warning)|[a-z_][\w.]*\.[A-Z]\w+)(?::|$)/.test(
      line,
    ),
  )
  const unfound = lines.findLast((line) => /^Failed to (?:find|parse) /.test(line))
  const complaint = lines.findLast((line) => /\[(?:ERROR|CRITICAL)\]/.test(line))
  return (raised ?? unfound ?? complaint?.replace(/^.*\[(?:ERROR|CRITICAL)\]\s*/, ''))?.replace(/\.$/, '')
}

/** What a release said, without our own verdict and without the traceback that gunicorn's master prints of itself. */
export function lastWords(output: string): string {
  return output
    .replace(/^health: .*\n/gm, '')
    .replace(/^(?:Traceback \(most recent call last\):\n)?(?:[ \t].*\n)+gunicorn\.errors\.HaltServer.*\n?/gm, '')
}
