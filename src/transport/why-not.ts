import { isTasksError, type TasksError } from '../core/errors.ts'
import type { Deadline } from './deadline.ts'
import { HandshakeFailure } from './handshake-failure.ts'
import { listed, type NamedKey } from './identity.ts'
import { type Place, plainWords, refused, unreachable, type Words } from './refusals.ts'

export interface Failure {
  readonly place: Place
  readonly error: unknown
  readonly deadline: Deadline
  /** Undefined where it failed before a byte was said. */
  readonly login?: LoginTried
  readonly identities?: { readonly locked: readonly string[]; readonly unsupported: readonly string[] }
  /** Keys that did not sign, with what went wrong. */
  readonly unusable?: ReadonlyMap<NamedKey, unknown>
  readonly user?: string
  readonly complaint?: string | undefined
  /** Of the command line that reaches the same place. */
  readonly flags?: readonly string[]
}

/** What the host was shown. */
interface LoginTried {
  readonly tried: { readonly identities: readonly NamedKey[]; readonly isPasswordTried: boolean }
  /** Why a person could not be asked. */
  unasked(): unknown
}

/** Why a host could not be reached, or refused us, as a person is told. */
export function explain(failure: Failure): TasksError {
  const { place, deadline, complaint } = failure
  const cause = failure.error instanceof HandshakeFailure ? failure.error.cause : failure.error
  const told = [cause, failure.login?.unasked(), ...(failure.unusable?.values() ?? [])].find(isTasksError)
  if (told) return told
  if (deadline.signal.aborted) return tooSlow(failure)
  if (levelOf(cause) === 'client-authentication' || levelOf(cause) === 'agent') return notLetIn(failure)
  if (cause instanceof Error && /too many authentication failures/i.test(cause.message)) return tooManyKeys(failure)
  return unreachable(place, { ...reason(failure.error, complaint), output: complaint || undefined, cause })
}

/** MaxStartups, PerSourcePenalties (which OpenSSH tells with the same words) and their kind: it hung up before a word was said in confidence. */
export function isTurnedAway(error: unknown): boolean {
  if (!(error instanceof HandshakeFailure) || error.isEncrypted) return false
  const { cause, greeting } = error
  if (greeting !== '' && !/^SSH-|^Exceeded MaxStartups|^Not allowed at this time/m.test(greeting)) return false
  return cause instanceof Error && /lost before handshake|No response from server|ECONNRESET|EPIPE/.test(cause.message)
}

function reason(error: unknown, complaint: string | undefined): Words {
  const cause = error instanceof HandshakeFailure ? error.cause : error
  if (error instanceof HandshakeFailure && !error.isEncrypted) {
    const { greeting } = error
    if (complaint !== undefined && greeting === '')
      return { because: 'its ProxyCommand ended before speaking SSH', hint: 'look at ProxyCommand in ~/.ssh/config' }
    if (isTurnedAway(error))
      return {
        because: 'it closes connections before speaking SSH',
        hint: 'try again in a minute; it may have too many logins at once, or too many failed ones from here',
      }
    if (greeting !== '' && !/^SSH-/m.test(greeting))
      return { because: 'what answers there does not speak SSH', hint: 'check the port' }
  }
  return plainWords(cause) ?? { because: cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause) }
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

function notLetIn(failure: Failure): TasksError {
  return refused(failure.place, { user: failure.user ?? '', ...loginReason(failure) })
}

function loginReason({ place, user, login, identities, unusable, flags = [] }: Failure): Words {
  const { tried } = login ?? { tried: { identities: [], isPasswordTried: false } }
  const there = [...flags, `${user}@${place.name}`].join(' ')
  const silent = [...(unusable?.keys() ?? [])].map(({ label }) => label).join(' ')
  const locked = identities?.locked ?? []
  const [unsupported] = identities?.unsupported ?? []
  if (silent !== '')
    return {
      because: `the key ${silent} could not be used`,
      hint: `give its passphrase to your agent: ssh-add ${silent}`,
    }
  if (tried.isPasswordTried)
    return { because: 'the server took none of the passwords', hint: `try it by hand: ssh ${there}` }
  if (locked.length > 0)
    return {
      because: `${locked.join(' and ')} needs a passphrase, and nobody can be asked for it`,
      hint: `give it to your agent: ssh-add ${locked.join(' ')}`,
    }
  if (unsupported !== undefined && tried.identities.length === 0)
    return {
      because: `the key ${unsupported} is of a kind that is not supported here`,
      hint: 'use an Ed25519, ECDSA or RSA key in the format of OpenSSH',
    }
  if (tried.identities.length === 0)
    return {
      because: 'there is no key to offer (no key in an agent, none in ~/.ssh)',
      hint: `make one and copy it there: ssh-keygen -t ed25519 && ssh-copy-id ${there}`,
    }
  return {
    because: `the server took none of the keys (${listed(tried.identities)})`,
    hint: `copy one there: ssh-copy-id ${there}`,
  }
}

function levelOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'level' in error ? String(error.level) : undefined
}
