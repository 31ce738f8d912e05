import type { ChannelEnd } from '../core/connection.ts'
import { TasksError } from '../core/errors.ts'
import { sudoPrompt } from '../program/bootstrap.ts'
import type { SudoTold } from './sudo.ts'

interface Refused {
  readonly host: string
  readonly user: string
  readonly end: ChannelEnd
  /** What came on standard error before any program could speak. */
  readonly noise: string
  readonly sudo: SudoTold
  /** Who it should have been run as. */
  readonly as?: string
}

/** Why a host did not run what it was sent, told from the bootstrap's exit code and from what sudo said. */
export function refusalOf({ host, user, end, noise, sudo, as = 'root' }: Refused): TasksError {
  const code = end.kind === 'exited' ? end.code : -1
  const output = noise.replaceAll(sudoPrompt, '').trim()
  const sorry = (because: string, hint: string) =>
    new TasksError({ code: 'refused', message: `Cannot become ${as} on "${host}", because ${because}.`, hint, output })
  if (code === 96) return sorry('it has no sudo', `log in as root instead: --host root@…`)
  if (code === 95 || /unknown user/.test(noise)) return sorry('there is no such user', `correct as: '${as}'`)
  if (/not in the sudoers file|is not allowed to/.test(noise)) {
    return sorry(`${user} may not use sudo there`, `as root on the host: usermod -aG sudo ${user}`)
  }
  if (/you must have a tty/.test(noise)) return sorry('sudo there wants a terminal', 'add pty: true')
  if (sudo.isUnanswered) {
    return sorry(
      `sudo wants the password of ${user} and nobody is there to type it`,
      'run it in a terminal, or let that user use sudo without a password',
    )
  }
  // Its words are in the host's language; but it asks again only where it refused an answer.
  if (sudo.prompts > 1 || /incorrect password|try again/i.test(noise))
    return sorry(`sudo refused the password of ${user}`, 'type the password of that user on that host')
  return new TasksError({
    code: 'refused',
    message: `Cannot run anything on "${host}", because the login shell of ${user} ended with exit code ${code}.`,
    hint: `try: ssh ${user}@${host} true`,
    output,
  })
}
