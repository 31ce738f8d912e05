import { type HostValue, sh } from '../../core/sh.ts'
import { type News, type Said, type Step, step } from '../../core/step.ts'
import { healthFunctions } from '../../steps/healthy.ts'
import { siteFolder } from '../../steps/site-layout.ts'
import { lastReason, lookupsOf, unitFunctions } from '../../steps/site-unit.ts'
import { parseFacts } from './facts.ts'

interface VerifiedOptions {
  readonly site: string
  readonly user: string
  readonly home: HostValue
  /** A page that answers. */
  readonly path: string
}

/**
 * A site serves its current release, asked from outside of it: through nginx on this host, with the site's own name. Each is an
 * assertion: nothing is repaired.
 */
export function siteVerified(options: VerifiedOptions): readonly Step[] {
  const { path } = siteFolder(options)
  return [
    assertion(options, {
      name: 'unit',
      title: `the current release of ${options.site} runs, and starts at boot`,
      lookups: lookupsOf(options.site),
      check: sh`verify_unit ${path} ${options.site}`,
    }),
    assertion(options, {
      name: 'page',
      title: `nginx answers for ${options.site} with its current release`,
      check: sh`verify_page ${path} ${options.site} ${options.path}`,
    }),
    assertion(options, {
      name: 'static file',
      title: `nginx itself serves the static files of ${options.site}`,
      check: sh`verify_static ${path} ${options.site}`,
    }),
    assertion(options, {
      name: 'wrong host',
      title: 'a name that no site has is refused',
      check: sh`verify_wrong_host`,
    }),
    assertion(options, {
      name: 'no debug page',
      title: `${options.site} shows nobody a debug page`,
      check: sh`verify_not_found ${options.site}`,
    }),
  ]
}

/** What `check --deploy` said when the current release was made, told as warnings. */
export function deployFindings(options: VerifiedOptions): Step {
  const { path } = siteFolder(options)
  return assertion(options, {
    name: 'deploy checks',
    title: `Django's own deploy checks of ${options.site} were heard`,
    check: sh`[ -f ${path}/current/facts.json ] && printf -- '--- facts ' && cat -- ${path}/current/facts.json || exit 1`,
    tell: findings,
  })
}

function assertion(
  { site, user }: VerifiedOptions,
  parts: Pick<Step, 'name' | 'title' | 'check' | 'tell'> & Pick<Parameters<typeof step>[0], 'lookups'>,
): Step {
  return step({
    ...parts,
    after: 'everything',
    uses: [unitFunctions, healthFunctions, verifyFunctions],
    explain: ({ output }) => {
      const because = /^verify: (.*)$/m.exec(output)?.[1]
      const reason = lastReason(output)
      const message = `Cannot take "${site}" for served, because ${because ?? 'it was never deployed'}${reason === undefined ? '' : `: ${reason}`}.`
      return {
        message,
        hint:
          because === undefined
            ? `run: tasks deploy --site ${site}`
            : `see what it says: sudo journalctl -u 'gunicorn-${site}@*', as ${user} or root on the host`,
      }
    },
  })
}

const verifyFunctions = sh`
verify_fails() {
  printf 'verify: %s\n' "$1"
  return 1
}
verify_unit() { # SITE_FOLDER SITE
  number=$(current_of "$1")
  [ -n "$number" ] || return 1
  unit="gunicorn-$2@$number.service"
  unit_is_enabled "$unit" || verify_fails "$unit does not start at boot" || return 1
  if ! unit_is "$unit" ActiveState active; then
    last_words "$unit"
    verify_fails "$unit does not run"
  fi
}
ask_nginx() { # HOST PATH: head and body
  curl --silent --show-error --globoff --include --http1.1 --max-time 20 --user-agent tasks -H "Host: $1" -- "http://127.0.0.1$2" 2>&1 | head -c 200000 | tr -d '\000\r'
}
ask_nginx_head() { # HOST PATH
  curl --silent --show-error --globoff --output /dev/null --dump-header - --http1.1 --max-time 20 --user-agent tasks -H "Host: $1" -- "http://127.0.0.1$2" 2>&1 || :
}
verify_page() { # SITE_FOLDER SITE PATH
  number=$(current_of "$1")
  [ -n "$number" ] || return 1
  answer=$(ask_nginx "$2" "$3")
  find_status "$answer"
  case $status in
    [1-5][0-9][0-9]) ;;
    *) verify_fails 'nginx does not answer on port 80'; return 1 ;;
  esac
  find_header "$answer" '[Xx]-[Rr]elease'
  if [ "$header" != "$2/$number" ]; then
    verify_fails "\${header:-something else} answers in place of $2/$number, with status $status"
    return 1
  fi
  case $status in 5??) verify_fails "it answers with status $status"; return 1 ;; esac
  ! is_debug_page "$answer" || verify_fails "$3 is a debug page"
}
verify_static() { # SITE_FOLDER SITE
  number=$(current_of "$1")
  [ -n "$number" ] || return 1
  url=$(sed -n 's/.*"staticUrl": "\([^"]*\)".*/\1/p' "$1/current/facts.json")
  case $url in /*) ;; *) return 0 ;; esac
  file=$(cd -- "$1/current/static" && { plain_file '*.css' || plain_file '*.[a-z]*' || :; })
  [ -n "$file" ] || return 0
  answer=$(ask_nginx_head "$2" "$url\${file#./}")
  find_status "$answer"
  if [ "$status" != 200 ]; then verify_fails "the static file $url\${file#./} is answered with status \${status:-0}"; return 1; fi
  find_header "$answer" '[Aa]ccept-[Rr]anges'
  ranges=$header
  find_header "$answer" '[Xx]-[Rr]elease'
  [ "$ranges" = bytes ] && [ -z "$header" ] || verify_fails "the static file $url\${file#./} is served by the application, not by nginx"
}
plain_file() { # PATTERN: the first with that name that needs no escape in an address
  found=$(find . -type f -name "$1" ! -path '*[!A-Za-z0-9./_-]*' -print -quit)
  [ -n "$found" ] && printf %s "$found"
}
verify_wrong_host() {
  answer=$(ask_nginx_head wrong-host.invalid /)
  find_header "$answer" '[Xx]-[Rr]elease'
  [ -z "$header" ] || { verify_fails 'a site answers to a name that it does not have'; return 1; }
  find_status "$answer"
  case $status in 2??) verify_fails 'nginx has a page for a name that no site has'; return 1 ;; esac
}
verify_not_found() { # SITE
  answer=$(ask_nginx "$1" /there-is-no-such-page-for-tasks-verify)
  ! is_debug_page "$answer" || verify_fails 'a page that is not there shows the settings: DEBUG is on'
}`

function findings({ output, verdict }: Said): readonly News[] {
  if (verdict !== 'met') return []
  const answer = parseFacts(`\n${output}`)
  if (!('facts' in answer)) return []
  const { findings: found, checksFailed } = answer.facts
  const failed: readonly News[] =
    checksFailed === undefined
      ? []
      : [{ kind: 'warning', message: `Django's deploy checks ended early: ${checksFailed}` }]
  const heard = found.filter(({ level }) => level !== 'debug' && level !== 'info')
  return [
    ...failed,
    ...heard.map(({ id, message }): News => ({ kind: 'warning', message: `${id}: ${firstSentence(message)}` })),
  ]
}

/** Django goes on with advice that is in its reference under the same name. */
function firstSentence(message: string): string {
  return /^.*?[.!?](?=\s+[A-Z]|\s*$)/s.exec(message)?.[0] ?? message
}
