import { sh } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'
import { home } from './home.ts'
import { checkName } from './user.ts'

interface ReachableOptions {
  /** Whose home folder it is; the host value `home` holds its path. */
  readonly user: string
  /** Who must get through; nginx runs as www-data. */
  readonly by?: string | undefined
  readonly after?: readonly Step[] | undefined
}

/**
 * nginx can go through a private home folder to the files that it serves, and can see no more of it than before.
 *
 * The check tries, as www-data, to enter the folder. The apply gives www-data the right to search it, by an access control list: the mode stays for everybody else.
 *
 *     homeReachable({ user: 'elspeth' })
 */
export function homeReachable({ user, by = 'www-data', after = [] }: ReachableOptions): Step {
  checkName(user)
  checkName(by)
  return step({
    name: `home of ${user} reachable`,
    title: 'nginx can go through <home> and not look around in it',
    check: sh`home_is_open ${home} ${by}`,
    apply: sh`
      setfacl -m u:${by}:--x -- ${home}
      if ! home_is_open ${home} ${by}; then
        printf 'still closed\n'
        namei -l ${home}
        exit 1
      fi`,
    preview: sh`printf '+ user:%s:--x %s\n' ${by} ${home}`,
    uses: [homeIsOpen],
    after,
    explain: ({ output }) => {
      if (/Operation not supported/.test(output)) {
        return {
          message: `Cannot let nginx through the home folder of "${user}", because its file system has no access control lists.`,
          hint: `let everybody search it: chmod o+x ~${user}`,
        }
      }
      return output.includes('still closed')
        ? {
            message: `Cannot let nginx through the home folder of "${user}", because a folder above it is closed.`,
            hint: `see which: namei -l ~${user}`,
          }
        : undefined
    },
  })
}

const homeIsOpen = sh`
  home_is_open() { # FOLDER USER
    find_account "$2" || return 1
    setpriv --reuid "$2" --regid "$group" --init-groups test -x "$1/."
  }`
