import { type Shell, sh } from '../core/sh.ts'
import { type Explanation, type Said, type Step, step } from '../core/step.ts'
import { fullDiskFunctions, hostTrouble } from './host-trouble.ts'
import { doneFile, type MadeRelease, socketPath } from './release.ts'
import { lastReason, lastWords, unitFunctions } from './site-unit.ts'
import { stampFunctions } from './stamp.ts'

export interface HealthQuestion {
  /** The path that is asked for. */
  readonly path: string
  /** Seconds within which it must answer. */
  readonly timeout: number
  /** Seconds for which it must then stay well: no process ends, and it answers once more. None: it is asked once. */
  readonly hold?: number | undefined
}

interface HealthOptions extends HealthQuestion {
  /** The step that starts the release: what it starts is to be asked anew. */
  readonly after: Step
}

/**
 * The release answers on its own socket, as the site's visitors will ask it: with the site's Host header, and over http.
 *
 * Checks a stamp, which a new start of the release takes away. The apply asks until the release answers well or the time is over: 2xx, 3xx,
 * 401 or 403; never a debug page, a redirect to itself, or another release. A 404 will do for `/` alone, and not where the release
 * before answered better. Then the release must stay well for a while. One that does not is stopped and marked bad, with its last
 * words; the one that serves goes on.
 */
export function healthy(release: MadeRelease, { path, timeout, hold = 0, after }: HealthOptions): Step {
  const { folder, number } = release
  return step({
    name: 'healthy',
    title: `release <release> of ${folder.site} answers on its socket`,
    uses: [unitFunctions, stampFunctions, fullDiskFunctions, healthFunctions],
    after: [after],
    check: sh`stamped ${doneFile(release, 'healthy')} ${number}`,
    apply: provesHealth(release, { path, timeout, hold }),
    preview: sh`printf '%s\n' ${`GET http://${folder.site}${path}`}`,
    timeouts: { apply: timeout + hold + 120 },
    explain: (said) => healthExplained(said, { release, path, timeout }),
  })
}

/**
 * Shell text that asks a release that was started until it is well, and notes that it is. Where it is not, it says why, stops the release,
 * marks it bad and fails. What was asked is then in `$@`, for `stays_well`. Root runs it. Uses `unitFunctions`, `stampFunctions`, `fullDiskFunctions`, `healthFunctions`.
 */
export function provesHealth(release: MadeRelease, { path, timeout, hold = 0 }: HealthQuestion): Shell {
  const { unit, folder, number, site } = release
  return sh`
    before=$(answered_before ${folder.path} ${number})
    set -- ${unit} ${socketPath(release)} ${site.name} ${path} ${site.name}/${number} "$before"
    { answers_well ${timeout} "$@" && stays_well ${hold} "$@"; } || give_up ${unit} ${folder.path} ${number} ${folder.user}
    note_health ${unit} ${folder.path} ${number} ${folder.user} "$status"`
}

/** Prints `health: WHY` as its verdict, for the client to put in words. Whoever uses it has curl. */
export const healthFunctions = sh`
ask_socket() { # SOCKET HOST PATH SCHEME: head and body
  curl --silent --show-error --globoff --include --http1.1 --max-time "\${patience:-20}" --unix-socket "$1" -H "Host: $2" -H "X-Forwarded-Proto: $4" -H 'X-Forwarded-For: 127.0.0.1' -- "http://$2$3" 2>&1 | head -c 200000 | tr -d '\000\r'
}
find_status() { # ANSWER: leaves it in status
  status=\${1%%"$NL"*}
  status=\${status#* }
  status=\${status%%[!0-9]*}
}
is_debug_page() {
  case $1 in *'<code>DEBUG = True</code>'* | *"you have <code>DEBUG"* | *'Werkzeug Debugger'*) return 0 ;; esac
  return 1
}
find_header() { # ANSWER NAME, as a pattern where its letters may be small: leaves the first one's value in header
  header=$NL\${1%%"$NL$NL"*}$NL
  case $header in *"$NL"$2:*) header=\${header#*"$NL"$2:} ;; *) header='' ;; esac
  header=\${header%%[[:cntrl:]]*}
  header=\${header#"\${header%%[! ]*}"}
}
answered_before() { # SITE_FOLDER NUMBER: the status that the release which serves was let through with
  if [ "$(current_of "$1")" != "$2" ] && [ -f "$1/current/.done/answered" ]; then cat -- "$1/current/.done/answered"; fi
}
note_as_user() { # USER LINE FILE …
  runuser -u "$1" -- sh -ec 'while shift && [ "$#" -gt 0 ]; do printf "%s\n" "$1" >"$2.new"; mv -f -- "$2.new" "$2"; shift; done' sh "$@"
}
note_health() { # UNIT SITE_FOLDER NUMBER USER STATUS: with all that the switch will write; where there is no room for it, none is switched to
  notes=$2/releases/$3/.done
  if note_as_user "$4" "$5" "$notes/answered" "$3" "$notes/switched.new" "$3" "$notes/healthy"; then return 0; fi
  tell_of_full_disk "$2"
  if [ -n "$3" ] && [ "$(current_of "$2")" != "$3" ] && ! [ -e "$notes/switched" ]; then
    systemctl disable --now --quiet -- "$1" 2>/dev/null || :
    runuser -u "$4" -- rm -rf -- "$2/releases/$3"
    runuser -u "$4" -- git --git-dir="$2/repository.git" update-ref -d "refs/releases/$3" 2>/dev/null || :
  fi
  return 1
}
answers_well() { # SECONDS UNIT SOCKET HOST PATH RELEASE STATUS_BEFORE: leaves the answer's status in $status
  deadline=$(($(date +%s) + $1)) patience=$(($1 < 20 ? $1 + 1 : 20))
  shift
  until is_well "$@"; do
    case $why in silent* | 'status 502' | 'status 503') ;; *) break ;; esac
    restarts=$(unit_state "$1" NRestarts)
    [ "\${restarts:-0}" -lt 2 ] && [ "$(unit_state "$1" ActiveState)" != failed ] || { why=died; break; }
    [ "$(date +%s)" -lt "$deadline" ] || { [ "\${restarts:-0}" = 0 ] || why=died; break; }
    sleep 0.3
  done
  [ -z "$why" ] || { printf 'health: %s\n' "$why"; return 1; }
}
stays_well() { # SECONDS UNIT SOCKET HOST PATH RELEASE STATUS_BEFORE
  [ "$1" -gt 0 ] || return 0
  main=$(unit_state "$2" MainPID)
  processes="$main $(cat "/proc/$main/task/$main/children" 2>/dev/null || :)"
  deadline=$(($(date +%s) + $1)) why=''
  shift
  while [ -z "$why" ] && [ "$(date +%s)" -le "$deadline" ]; do
    sleep 0.5
    for process in $processes; do
      [ -d "/proc/$process" ] || why=ended
    done
  done
  [ -n "$why" ] || is_well "$@" || :
  [ -z "$why" ] || { printf 'health: %s\n' "$why"; return 1; }
}
is_well() { # UNIT SOCKET HOST PATH RELEASE STATUS_BEFORE: leaves in $why what is not
  answer=$(ask_socket "$2" "$3" "$4" http || :)
  find_status "$answer"
  why=$(judged "$answer" "$@")
}
judged() ( # ANSWER UNIT SOCKET HOST PATH RELEASE STATUS_BEFORE
  find_status "$1"
  case $status in
    [1-5][0-9][0-9]) ;;
    *) case $1 in *'curl: (52)'* | *'curl: (56)'*) printf 'silent closed' ;; *) printf silent ;; esac; exit 1 ;;
  esac
  if is_debug_page "$1"; then printf debug; exit 1; fi
  find_header "$1" '[Xx]-[Rr]elease'
  if [ "$header" != "$6" ]; then
    case $status,$header in 5??,) ;; *) printf 'release %s' "$header"; exit 1 ;; esac # the server's own word for an application that raised
  fi
  case $status in
    30[1278])
      find_header "$1" '[Ll]ocation'
      case $header in
        https://"$4"/* | https://"$4")
          find_status "$(ask_socket "$3" "$4" "$5" https || :)"
          printf 'https %s' "$status"
          exit 1
          ;;
        "$5" | //"$4$5" | http://"$4$5") printf loop; exit 1 ;;
      esac
      ;;
    404) case $5,$7 in /, | /,404) ;; *) printf 'missing %s' "$7"; exit 1 ;; esac ;;
    2?? | 3?? | 401 | 403) ;;
    *) printf 'status %s' "$status"; exit 1 ;;
  esac
)`

interface Asked {
  readonly release: MadeRelease
  readonly path: string
  readonly timeout: number
}

/** Why a release is not well, in a person's words, by what `provesHealth` said. */
export function healthExplained(said: Said, { release, path, timeout }: Asked): Explanation {
  const { output, values } = said
  const why = /^health: (\S+) ?(.*)$/m.exec(output)
  const reason = lastReason(output)
  const saying = reason === undefined ? '' : `: ${reason}`
  const name = `release ${values[release.number.name] ?? ''} of "${release.site.name}"`
  const trouble = why === null ? hostTrouble(said, `Cannot serve ${name}`) : undefined
  if (trouble !== undefined) return trouble
  const logs = `run on the host: sudo journalctl -u 'gunicorn-${release.site.name}@*'`
  const unserved = (because: string, hint: string): Explanation => ({
    message: `Cannot serve ${name}, because ${because}.`,
    hint,
    output: lastWords(output),
  })
  switch (why?.[1]) {
    case 'https':
      return unserved(
        'it redirects everything to https, and the host has no certificate for it',
        'let SECURE_SSL_REDIRECT be False until there is a certificate',
      )
    case 'debug':
      return unserved(
        `"${path}" answers with a debug page`,
        'let DEBUG be False in the settings of this stage, or leave app.overlay on',
      )
    case 'release':
      return unserved('what answers on its socket is not this release', logs)
    case 'status':
      if (why[2] === '400')
        return unserved(
          `"${path}" answers with status 400: its ALLOWED_HOSTS may lack the site's name`,
          `add "${release.site.name}" to ALLOWED_HOSTS, or leave app.overlay on`,
        )
      return unserved(`"${path}" answers with status ${why[2]}${saying}`, logs)
    case 'loop':
      return unserved(`"${path}" redirects to itself`, logs)
    case 'missing':
      return unserved(
        why[2] === ''
          ? `"${path}" answers with status 404`
          : `"${path}" answers with status 404, and the release before answered with ${why[2]}`,
        'name a page that the site has: app.healthPath',
      )
    case 'died':
      return unserved(`it ends while it starts${saying}`, logs)
    case 'ended':
      return unserved(`it answers at first and then ends${saying}`, logs)
    default:
      if (why?.[2] === 'closed') return unserved(`it closes connections without an answer${saying}`, logs)
      return unserved(`it did not answer within ${timeout} seconds${saying}`, `set app.healthTimeout, or ${logs}`)
  }
}
