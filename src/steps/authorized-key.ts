import { TasksError } from '../core/errors.ts'
import { rawShell, sh } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'
import { checkName } from './user.ts'

interface KeyOptions {
  readonly user: string
  /** One line of a public key file: type, key, comment. */
  readonly key: string
  readonly after?: readonly Step[] | undefined
}

/**
 * A public key that lets its owner log in as this user.
 *
 * The check looks for the key itself in the user's `authorized_keys`, whatever options and comment stand around it. The apply appends its line.
 *
 *     authorizedKey({ user: 'elspeth', key: 'ssh-ed25519 AAAAC3… elspeth@laptop' })
 */
export function authorizedKey({ user, key, after = [] }: KeyOptions): Step {
  checkName(user)
  const line = key.trim()
  const [type, blob, ...comment] = line.split(/\s+/)
  if (/[\n\0]/.test(line) || !type || !/^[a-z0-9@.-]+$/.test(type) || !blob || !/^[A-Za-z0-9+/]{16,}=*$/.test(blob)) {
    throw new TasksError({
      code: 'config',
      message: `Cannot let a key log in as "${user}", because it is not a line of a public key file.`,
    })
  }
  return step({
    name: `authorized key of ${user}: ${blob.slice(-16)}`,
    title: `${comment.join(' ') || `the key …${blob.slice(-8)}`} may log in as ${user}`,
    check: sh`keys_missing ${user} ${line} | grep -q . && exit 1 || exit 0`,
    apply: sh`keys_missing ${user} ${line} | keys_add ${user}`,
    preview: sh`keys_missing ${user} ${line} | sed 's/^/+ /'`,
    uses: [keyFunctions],
    after,
  })
}

/**
 * The keys that may log in as one user may log in as another too.
 *
 * The check looks for each key of the first user's `authorized_keys` (those that are tied to a command left out) in the
 * second one's. The apply appends those that are missing; none is ever taken away.
 *
 *     sameKeys({ of: 'root', user: 'elspeth' })
 */
export function sameKeys({
  of,
  user,
  after = [],
}: {
  readonly of: string
  readonly user: string
  readonly after?: readonly Step[]
}): Step {
  checkName(of)
  checkName(user)
  const lines = rawShell('"$(cat)"')
  return step({
    name: `keys of ${of} for ${user}`,
    title: `who may log in as ${of} may log in as ${user}`,
    check: sh`keys_of ${of} | keys_missing ${user} ${lines} | grep -q . && exit 1 || exit 0`,
    apply: sh`keys_of ${of} | keys_missing ${user} ${lines} | keys_add ${user}`,
    preview: sh`keys_of ${of} | keys_missing ${user} ${lines} | sed 's/^/+ /'`,
    uses: [keyFunctions],
    after,
  })
}

// The user's own folder is written by the user, so that no link that they put there leads root astray.
const keyFunctions = sh`
  keys_file() { # USER
    keys_home=$(getent passwd "$1") || return 1
    keys_home=\${keys_home%:*}
    printf '%s/.ssh/authorized_keys' "\${keys_home##*:}"
  }

  keys_of() { # USER: the lines that begin with a key's type
    keys_from=$(keys_file "$1") || return 0
    [ -f "$keys_from" ] || return 0
    grep -E '^[[:space:]]*(ssh-|ecdsa-|sk-)[^[:space:]]+[[:space:]]+[A-Za-z0-9+/=]+' -- "$keys_from" || :
  }

  keys_missing() { # USER LINES: those whose key the user's file lacks
    keys_in=$(keys_file "$1") || keys_in=
    [ -n "$keys_in" ] && [ -f "$keys_in" ] || keys_in=/dev/null
    printf '%s\n' "$2" | while IFS= read -r keys_line; do
      keys_rest=\${keys_line#*[[:space:]]}
      [ -n "$keys_rest" ] || continue
      set -f; set -- $keys_line; set +f
      grep -q -F -e "$2" -- "$keys_in" || printf '%s\n' "$keys_line"
    done
  }

  keys_add() { # USER: appends standard input
    keys_to=$(keys_file "$1")
    keys_group=$(id -g -- "$1")
    setpriv --reuid "$1" --regid "$keys_group" --init-groups sh -c '
      umask 077
      mkdir -p -- "\${1%/*}"
      { [ ! -f "$1" ] || cat -- "$1"; [ ! -s "$1" ] || [ -z "$(tail -c 1 -- "$1")" ] || echo; cat; } >"$1.tasks-new"
      mv -f -- "$1.tasks-new" "$1"' sh "$keys_to"
  }`
