import { type HostValue, type Shell, sh } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'
import { healthFunctions } from './healthy.ts'
import { listFunctions } from './releases.ts'
import { siteFolder } from './site-layout.ts'
import { unitFunctions } from './site-unit.ts'
import { siteStatesIn } from './status-said.ts'

interface StatusOptions {
  readonly site: string
  readonly user: string
  readonly home: HostValue
  /** The page that is asked for. */
  readonly path: string
}

/**
 * Tells how a site is: what it serves since when, whether it answers on its socket and through nginx, its unit, disk and certificate.
 * Reads, and changes nothing; a site that is not there is told as such.
 */
export function statusTold({ site, user, home, path }: StatusOptions): Step {
  return told({
    name: `status of ${site}`,
    title: `how ${site} is`,
    check: sh`site_state ${siteFolder({ site, user, home }).path} ${site} ${path}`,
  })
}

/** The same of each site that the user's folder has and nobody named. */
export function otherStatusesTold({
  known,
  user,
  home,
  path,
}: Omit<StatusOptions, 'site'> & { readonly known: readonly string[] }): Step {
  const folder = siteFolder({ site: '.', user, home }).path
  return told({
    name: 'other sites',
    title: 'how the sites are that the config does not name',
    check: sh`
      known=${` ${known.join(' ')} `}
      for place in ${folder}/*/; do
        other=\${place%/} other=\${other##*/}
        case $known in *" $other "*) continue ;; esac
        [ ! -d "$place/releases" ] || site_state "\${place%/}" "$other" ${path}
      done`,
  })
}

function told(parts: { readonly name: string; readonly title: string; readonly check: Shell }): Step {
  return step({
    ...parts,
    uses: [unitFunctions, healthFunctions, listFunctions, stateFunctions],
    timeouts: { check: 120 },
    tell: ({ output }) => siteStatesIn(output).map((state) => ({ kind: 'status', state })),
  })
}

// One line for each fact: its name, then what is so. `status-said.ts` reads them.
const stateFunctions = sh`
site_state() ( # SITE_FOLDER SITE PATH
  printf 'site %s\n' "$2"
  disk_state "$1"
  certificate_state "$2"
  number=$(current_of "$1")
  if [ -z "$number" ]; then printf 'health never\n'; exit 0; fi
  cd -- "$1/releases"
  list_release "$number" "$number"
  printf 'since %s\n' "$(date -u -r "$number/.done/switched" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || :)"
  unit_states "gunicorn-$2@$number.service"
  health_state "$1" "$2" "$3" "$number"
)
disk_state() { # SITE_FOLDER
  used=$(timeout 30 du -skx -- "$1" 2>/dev/null | cut -f 1) || :
  printf 'disk %s %s\n' "\${used:--}" "$(df -Pk -- "$1" 2>/dev/null | awk 'NR == 2 { print $4 }')"
}
certificate_state() { # SITE
  command -v openssl >/dev/null || return 0
  timeout 10 openssl s_client -connect 127.0.0.1:443 -servername "$1" </dev/null 2>/dev/null |
    openssl x509 -noout -issuer -enddate -nameopt RFC2253 -checkhost "$1" 2>/dev/null | sed 's/^/certificate /' || :
}
unit_states() { # UNIT
  printf 'unit Name=%s\n' "$1"
  if unit_is_enabled "$1"; then printf 'unit Boot=yes\n'; fi
  shown=$(TZ=UTC systemctl show --property ActiveState,NRestarts,MainPID,StateChangeTimestamp -- "$1" 2>/dev/null || :)
  printf '%s\n' "$shown" | sed 's/^/unit /'
  main=$(printf '%s\n' "$shown" | sed -n 's/^MainPID=//p')
  if [ "\${main:-0}" != 0 ] && children=$(cat "/proc/$main/task/$main/children" 2>/dev/null); then
    set -- $children
    printf 'unit Workers=%s\n' "$#"
    printf 'unit Memory=%s\n' "$(for process in "$main" "$@"; do cat "/proc/$process/smaps_rollup" 2>/dev/null || :; done | awk '/^Pss:/ { sum += $2 } END { print sum * 1024 }')"
  fi
}
health_state() { # SITE_FOLDER SITE PATH NUMBER
  patience=10 before=$(cat -- "$4/.done/answered" 2>/dev/null || :)
  if ! is_well "gunicorn-$2@$4.service" "/run/gunicorn-$2/$4/socket" "$2" "$3" "$2/$4" "$before"; then
    printf 'health socket %s\n' "$why"
    return
  fi
  answer=$(ask_front "http://$2$3" || :)
  find_header "$answer" '[Ll]ocation'
  case $header in https://"$2"/*) answer=$(ask_front "https://$2$3" || :) ;; esac
  find_status "$answer"
  case $status in
    [1-5][0-9][0-9])
      find_header "$answer" '[Xx]-[Rr]elease'
      if [ "$header" = "$2/$4" ]; then printf 'health well\n'; else printf 'health nginx %s\n' "$status"; fi
      ;;
    *) printf 'health nginx\n' ;;
  esac
}
ask_front() { # URL: of nginx on this host, as a visitor would
  host=\${1#*://} host=\${host%%/*}
  curl --silent --show-error --globoff --include --http1.1 --insecure --max-time 10 --user-agent tasks --resolve "$host:80:127.0.0.1" --resolve "$host:443:127.0.0.1" -- "$1" 2>&1 | head -c 200000 | tr -d '\000\r'
}`
