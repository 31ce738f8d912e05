import { TasksError } from '../core/errors.ts'
import { sh } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'

interface UserOptions {
  readonly name: string
  /** An account that no person logs in to: no shell, and a number below 1000. */
  readonly system?: boolean | undefined
  readonly shell?: string | undefined
  readonly home?: string | undefined
  readonly groups?: readonly string[] | undefined
  readonly after?: readonly Step[] | undefined
}

/**
 * An account with this name, with a home folder (0750) and no password: keys are the only way in.
 *
 * The check looks for the account, its shell and its groups where they are given. The apply makes it, or changes those.
 *
 *     user({ name: 'elspeth' })
 */
export function user(options: UserOptions): Step {
  const { name, groups = [], after = [] } = options
  checkName(name)
  const wanted = [...groups].sort().join(',')
  return step({
    name: `user ${name}`,
    title: `the user ${name} exists`,
    check: sh`user_is ${name} ${options.shell ?? ''} ${wanted}`,
    apply: sh`
      if ! getent passwd ${name} >/dev/null; then
        useradd ${creation(options)} -- ${name}
        chmod 0750 -- ${options.home ?? `/home/${name}`}
      fi
      ${options.shell === undefined ? sh`:` : sh`usermod -s ${options.shell} -- ${name}`}
      ${wanted === '' ? sh`:` : sh`usermod -a -G ${wanted} -- ${name}`}`,
    uses: [userIs],
    after,
  })
}

/** Refuses what could be no account's name, or another word of a command. */
export function checkName(name: string): void {
  if (/^[A-Za-z_][A-Za-z0-9_.-]{0,30}\$?$/.test(name)) return
  throw new TasksError({
    code: 'config',
    message: `Cannot use ${JSON.stringify(name)} as a user, because it is not a name that Debian takes.`,
    hint: 'use letters, digits, "-" and "_", at most 31 of them, beginning with a letter',
  })
}

function creation({ name, system = false, shell, home }: UserOptions): readonly string[] {
  const login = shell ?? (system ? '/usr/sbin/nologin' : '/bin/bash')
  const where = ['--create-home', '--home-dir', home ?? `/home/${name}`, '--shell', login]
  return [...(system ? ['--system'] : []), '--user-group', ...where, '--password', '*']
}

const userIs = sh`
  user_is() { # NAME SHELL GROUP,…
    find_account "$1" || return 1
    [ -z "$2" ] || [ "$login_shell" = "$2" ] || return 1
    [ -z "$3" ] || user_is_in "$1" "$3"
  }

  user_is_in() (
    has=" $(id -nG -- "$1") "
    IFS=,
    for group in $2; do
      case $has in *" $group "*) ;; *) return 1 ;; esac
    done
  )`
