import { isTasksError, type TasksError } from '../core/errors.ts'
import type { Deadline } from './deadline.ts'
import { HandshakeFailure } from './handshake.ts'
import { type Identities, listed } from './identities.ts'
import type { Login } from './login.ts'
import { type Place, plainWords, refused, sshCommand, unreachable } from './refusals.ts'

interface Failure {
  readonly place: Place
  readonly error: unknown
  readonly deadline: Deadline
  /** Undefined where it failed before a byte was said. */
  readonly login?: Login
  readonly identities?: Identities
  readonly user?: string
  readonly complaint?: string
}

/** Why a host could not be reached, or refused us, as a person is told. */
export function explain(failure: Failure): TasksError {
  const { place, deadline, complaint } = failure
  const cause = failure.error instanceof HandshakeFailure ? failure.error.cause : failure.error
  if (isTasksError(cause)) return cause
  if (deadline.signal.aborted) return tooSlow(failure)
  if (levelOf(cause) === 'client-authentication' || levelOf(cause) === 'agent') return notLetIn(failure)
  if (cause instanceof Error && /too many authentication failures/i.test(cause.message)) return tooManyKeys(failure)
  const words = plainWords(cause) ?? {
    because: cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause),
  }
  return unreachable(place, { ...words, output: complaint || undefined, cause })
}

function tooSlow({ place, deadline, error, complaint }: Failure): TasksError {
  const time = `${deadline.seconds} ${deadline.seconds === 1 ? 'second' : 'seconds'}`
  const output = complaint || undefined
  if (!(error instanceof HandshakeFailure)) {
    return unreachable(place, {
      because: `no answer within ${time}`,
      hint: 'check the address, and that the machine is up and no firewall is in between',
      output,
    })
  }
  const because = error.isEncrypted ? `the login did not finish within ${time}` : `it did not speak SSH within ${time}`
  return unreachable(place, {
    because,
    hint: 'check that an SSH server runs on that port, and how busy the machine is',
    output,
  })
}

function tooManyKeys({ place, user = '', login }: Failure): TasksError {
  return refused(place, {
    user,
    because: `it hung up after too many keys (${listed(login?.tried.identities ?? [])})`,
    hint: `name the right one: IdentityFile and "IdentitiesOnly yes" for ${place.name} in ~/.ssh/config`,
  })
}

function notLetIn({ place, user = '', login, identities }: Failure): TasksError {
  const tried = login?.tried ?? { identities: [], isPasswordTried: false }
  const locked = identities?.locked ?? []
  const unusable = [...(login?.failed.keys() ?? [])].map(({ label }) => label)
  const port = place.port === 22 ? '' : ` -p ${place.port}`
  if (unusable.length > 0)
    return refused(place, {
      user,
      because: `the key ${unusable.join(', ')} could not be used`,
      hint: `give its passphrase to your agent: ssh-add ${unusable.join(' ')}`,
    })
  if (tried.isPasswordTried)
    return refused(place, {
      user,
      because: 'the server took none of the passwords',
      hint: `try: ${sshCommand({ ...place, user })}`,
    })
  if (locked.length > 0)
    return refused(place, {
      user,
      because: `${locked.join(' and ')} needs a passphrase, and nobody can be asked for it`,
      hint: `give it to your agent: ssh-add ${locked.join(' ')}`,
    })
  if (tried.identities.length === 0)
    return refused(place, {
      user,
      because: 'there is no key to offer (no key in an agent, none in ~/.ssh)',
      hint: `make one and copy it there: ssh-keygen -t ed25519 && ssh-copy-id${port} ${user}@${place.name}`,
    })
  return refused(place, {
    user,
    because: `the server took none of the keys (${listed(tried.identities)})`,
    hint: `copy one there: ssh-copy-id${port} ${user}@${place.name}`,
  })
}

function levelOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'level' in error ? String(error.level) : undefined
}
