import { type Shell, sh, shellText } from '../core/sh.ts'
import { sudoPrompt } from '../program/bootstrap.ts'

/** What is asked of a host. */
export interface Questions {
  /** Names of sites, and the page that each is asked for. */
  readonly sites: readonly string[]
  readonly path: string
  /** Whether somebody can type a password for sudo. */
  readonly canAskPassword: boolean
}

/** How a host is asked: one short command for any login shell, which takes exactly the program from standard input; what follows it there is for sudo. */
export function hostQuestion(questions: Questions): { readonly command: string; readonly input: string } {
  const input = `${shellText(programFor(questions))}\n`
  return { command: `sh -c 'eval "$(dd bs=${Buffer.byteLength(input)} count=1 iflag=fullblock 2>/dev/null)"'`, input }
}

/** Stands before all that the program says: what comes before it is a login shell's. */
export const beginning = 'tasks-doctor begins'
/** Stands after the last fact. */
export const end = 'tasks-doctor ends'

// It writes nothing, needs no root, and stops at nothing: what cannot be told is left out. One line for each fact, as `host-facts.ts` reads them.
function programFor({ sites, path, canAskPassword }: Questions): Shell {
  return sh`
    export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
    printf '%s\n' ${beginning}
    fact() { printf '%s\n' "$*"; }
    in_time() { timeout 10 "$@" </dev/null 2>/dev/null; }
    fact clock "$(date +%s)"
    fact user "$(id -un)"
    fact groups "$(id -Gn)"
    (
      ID= ID_LIKE= VERSION_ID= PRETTY_NAME=
      [ ! -r /etc/os-release ] || . /etc/os-release
      fact system "$ID|$ID_LIKE|$VERSION_ID|\${PRETTY_NAME:-an unknown system}"
    )
    if [ -d /run/systemd/system ]; then
      fact state "$(in_time systemctl is-system-running)"
      in_time systemctl list-units --failed --plain --no-legend | while read -r unit _; do fact failed "$unit"; done
    else
      fact state none
    fi
    awk '/^(MemTotal|MemAvailable|SwapFree):/ { print "memory", $1, $2 }' /proc/meminfo 2>/dev/null
    for place in / /boot /tmp /var /var/lib /var/lib/tasks /srv /home "$HOME"; do
      [ ! -d "$place" ] || fact disk "$(stat -c %d -- "$place") $(in_time stat -f -c '%a %S %d %c' -- "$place") $place"
    done
    fact addresses "$(in_time hostname -I)"
    sudo=no
    if [ "$(id -u)" = 0 ]; then sudo=root
    elif ! command -v sudo >/dev/null; then sudo=missing
    elif said=$(timeout 10 sudo -n true </dev/null 2>&1); then sudo=free
    else fact refused "$said"
    fi
    owners() { # PORT: the programs that listen there, as far as one may know
      case $sudo in
        root) in_time ss -ltnpH "sport = :$1" ;;
        free) in_time sudo -n ss -ltnpH "sport = :$1" ;;
      esac | sed -n 's/.*users:((\(.*\)))$/\1/p' | tr '(' '\n' | sed -n 's/^"\([^"]*\)".*/\1/p' | sort -u | tr '\n' ' '
    }
    for port in 80:0050 443:01BB; do
      if cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="\${port#*:}" '$4 == "0A" && $2 ~ ":" port "$" { found = 1 } END { exit !found }'; then
        fact listens "\${port%:*}" "$(owners "\${port%:*}")"
      fi
    done
    fact nginx "$(in_time systemctl is-active nginx)"
    front() { # SITE PATH SCHEME PORT: status and release of the answer
      curl --silent --globoff --output /dev/null --dump-header - --http1.1 --insecure --max-time 8 --user-agent tasks --resolve "$1:$4:127.0.0.1" -- "$3://$1$2" </dev/null 2>/dev/null |
        tr -d '\r' | awk 'NR == 1 { status = $2 } tolower($1) == "x-release:" { release = $2 } tolower($1) == "location:" { place = $2 } END { print status "|" release "|" place }'
    }
    site() { # SITE PATH
      answer=
      if command -v curl >/dev/null; then
        answer=$(front "$1" "$2" http 80)
        case $answer in *"|https://$1"*) answer=$(front "$1" "$2" https 443) ;; esac
      fi
      link=no
      [ ! -e "/etc/nginx/sites-enabled/$1" ] || link=yes
      fact site "$1|$link|$answer"
    }
    for name in ${sites}; do site "$name" ${path}; done
    if [ "$sudo" = no ] && [ ${canAskPassword ? 'yes' : 'no'} = yes ]; then
      fact asking
      if sudo -k -S -p ${sudoPrompt} true; then sudo=password; fi
    fi
    fact sudo "$sudo"
    printf '%s\n' ${end}`
}
