import { sh } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'

/**
 * The host runs Debian, Ubuntu or a child of theirs, with systemd in charge: what everything else relies on.
 *
 * The check reads /etc/os-release; there is nothing to apply, so another system ends the run before anything is changed.
 *
 *     supportedSystem({ host: 'web1' })
 */
export function supportedSystem({ host }: { readonly host: string }): Step {
  return step({
    name: 'supported system',
    title: 'the host runs Debian or Ubuntu',
    check: sh`
      ID= ID_LIKE= PRETTY_NAME= NAME=
      if [ -r /etc/os-release ]; then . /etc/os-release; fi
      case " $ID $ID_LIKE " in
        *' debian '* | *' ubuntu '*) ;;
        *) printf 'system: %s\n' "\${PRETTY_NAME:-\${NAME:-an unknown system}}"; exit 1 ;;
      esac
      if [ ! -d /run/systemd/system ]; then printf 'no systemd\n'; exit 1; fi`,
    explain: ({ output }) => {
      const system = /^system: (.*)$/m.exec(output)?.[1]
      if (system !== undefined)
        return { message: `Cannot provision "${host}", because it runs ${system}, not Debian or Ubuntu.` }
      return output.includes('no systemd')
        ? {
            message: `Cannot provision "${host}", because systemd is not its first process.`,
            hint: 'use a whole machine or a system container, not an application container',
          }
        : undefined
    },
  })
}
