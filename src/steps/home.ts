import { sh } from '../core/sh.ts'
import { hostValue, type Step, step } from '../core/step.ts'

export const home = hostValue('home')

/** The home folder of the user who owns the sites: what the host says, or where `adduser` will put it. */
export function homeOf(user: string): Step {
  return step({
    name: 'home',
    title: `sites are in the home folder of ${user}`,
    value: home,
    check: sh`
      find_account ${user} && [ -n "$home" ] || home=/home/${user}
      case $home in
        *[!A-Za-z0-9/._@+-]*) printf 'the path %s has characters that unit files cannot hold' "$home"; exit 65 ;;
        /*) printf %s "$home" ;;
        *) exit 65 ;;
      esac`,
  })
}
