import { TasksError } from '../../core/errors.ts'
import { HandshakeFailure } from '../handshake-failure.ts'
import { type Place, refused, shown } from '../refusals.ts'
import type { SshLog } from './log.ts'

/** Turns what `ssh` said before it gave up into the errors that the library would have thrown: they are explained in one place. */
export function errorOf(log: SshLog, about: Omit<Around, 'isEncrypted'>): unknown {
  const { words, isConnected, isEncrypted, greeting } = log
  const cause = errorIn(words, { ...about, isEncrypted })
  if (!isConnected || cause instanceof TasksError) return cause
  return new HandshakeFailure(cause, { isEncrypted, greeting })
}

/** What ended a connection that was there, after a colon. */
export function lossOf(words: readonly string[], aliveSeconds: number): string {
  if (words.some((line) => /^Timeout, server .* not responding/.test(line)))
    return `nothing came from the host for ${aliveSeconds} ${aliveSeconds === 1 ? 'second' : 'seconds'}`
  const last = words.findLast((line) => /disconnect|Connection (closed|reset|to)|Read from|packet|Corrupted/.test(line))
  if (last === undefined || /closed by/.test(last)) return 'the host closed the connection'
  return `the connection broke: ${last.replace(/^client_loop: |\.$/g, '')}`
}

interface Around {
  readonly place: Place
  readonly user: string
  /** What the host before it said when it was asked for a way to this one. */
  readonly through: string
  readonly isEncrypted: boolean
}

function errorIn(words: readonly string[], around: Around): Error {
  const text = words.join('\n')
  const known = byWords.find(([pattern]) => pattern.test(text))
  if (known) return known[1](text, around)
  return new Error(words.at(-1) ?? 'ssh gave up without a word')
}

const unsigned = /^sign_and_send_pubkey: signing failed for (\S+-SK) "(.*?)"( from agent)?: (.*)$/m

const withCode = (code: string) => () => Object.assign(new Error(code), { code })

const byWords: readonly (readonly [RegExp, (text: string, around: Around) => Error])[] = [
  [/^ssh: connect to host .*: Connection refused$/m, withCode('ECONNREFUSED')],
  [/^ssh: connect to host .*: (Connection|Operation) timed out$/m, withCode('ETIMEDOUT')],
  [/^ssh: connect to host .*: No route to host$/m, withCode('EHOSTUNREACH')],
  [/^ssh: connect to host .*: Network is unreachable$/m, withCode('ENETUNREACH')],
  [/^ssh: connect to host .*: Permission denied$/m, withCode('EACCES')],
  [/^ssh: Could not resolve hostname .*: (Temporary failure|Try again)/m, withCode('EAI_AGAIN')],
  [/^ssh: Could not resolve hostname /m, withCode('ENOTFOUND')],
  [/Too many authentication failures/, () => new Error('Too many authentication failures')],
  [unsigned, (text, { place, user }) => notSigned(place, user, text)],
  [/^Load key ".*": bad permissions$/m, (text, { place, user }) => tooOpen(place, user, text)],
  [
    /: Permission denied \(|^No more authentication methods/m,
    () => Object.assign(new Error('Permission denied'), { level: 'client-authentication' }),
  ],
  [/Unable to negotiate with .*: (no matching .*)/, (text) => new Error(`Handshake failed: ${offer(text)}`)],
  [/Bad configuration option: "?knownhostscommand/i, (_, { place }) => tooOld(place)],
  [/terminating, \d+ bad configuration|^command-line line \d+: /m, (text, { place }) => badConfiguration(place, text)],
  [/Certificate invalid: (.*)|Host key verification failed/, (text, { place }) => untrusted(place, text)],
  [/^(Stdio forwarding request failed|stdio forwarding failed)|Session open refused by peer/m, forwarding],
  [
    /^(kex_exchange_identification|banner exchange|ssh_exchange_identification): |^Connection (closed|reset) by /m,
    (_, { isEncrypted, through }) =>
      through === '' ? withCode(isEncrypted ? 'ECONNRESET' : 'EPIPE')() : new Error(`open failure: ${through}`),
  ],
]

function offer(text: string): string {
  return /no matching .*/.exec(text)?.[0] ?? 'no matching algorithm'
}

function forwarding(_text: string, { through }: Around): Error {
  return new Error(through.startsWith('administratively') ? 'forwarding prohibited' : `open failure: ${through}`)
}

function notSigned(place: Place, user: string, text: string): TasksError {
  const [, , key, , reason] = unsigned.exec(text) ?? []
  const because = `the security key ${key} did not sign (${reason})`
  return refused(place, { user, because, hint: 'plug it in, and touch it when it is asked for' })
}

function tooOpen(place: Place, user: string, text: string): TasksError {
  const file = /^Load key "(.*)": bad permissions$/m.exec(text)?.[1]
  const because = `ssh does not use the key ${file}, because others could read it`
  return refused(place, { user, because, hint: `run: chmod 600 ${file}` })
}

function tooOld(place: Place): TasksError {
  return new TasksError({
    code: 'config',
    message: `Cannot reach ${shown(place)} with this machine's ssh: it is older than OpenSSH 8.5.`,
    hint: "update this machine's OpenSSH, or set hosts.….transport: 'ssh2'",
  })
}

function badConfiguration(place: Place, output: string): TasksError {
  return new TasksError({
    code: 'config',
    message: `Cannot reach ${shown(place)}: ssh does not take its configuration.`,
    hint: `run: ssh -G ${place.name}`,
    output,
  })
}

function untrusted(place: Place, text: string): TasksError {
  const reason = /Certificate invalid: (.*)/.exec(text)?.[1]
  return new TasksError({
    code: 'refused',
    message: `Cannot trust ${shown(place)}: ${reason === undefined ? 'ssh does not accept its host key' : `its certificate is not valid (${reason})`}.`,
    hint: reason === undefined ? 'try it by hand with: ssh -v' : 'have its host key signed anew by your authority',
    output: text,
  })
}
