import { TasksError } from '../core/errors.ts'

/** Why something could not be done, to follow a colon, and what to do about it. */
export interface Words {
  readonly because: string
  readonly hint?: string | undefined
}

/** A host as messages name it. */
export interface Place {
  /** As the user wrote it. */
  readonly name: string
  readonly address: string
  readonly port: number
  /** The hops before it, as the user's configuration names them. */
  readonly through?: readonly string[]
}

/** `"web1" (203.0.113.7:22)`, or `"203.0.113.7:22"` where the name is the address. */
export function shown({ name, address, port, through = [] }: Place): string {
  const where = `${address.includes(':') ? `[${address}]` : address}:${port}`
  const by = through.length === 0 ? '' : ` through ${through.map((hop) => `"${hop}"`).join(' and ')}`
  return `${name === address ? `"${where}"` : `"${name}" (${where})`}${by}`
}

export function unreachable(place: Place, { because, hint, output, cause }: Reason): TasksError {
  return new TasksError({
    code: 'unreachable',
    message: `Cannot reach ${shown(place)}: ${because}.`,
    hint: hint ?? 'check the address, the port, and that the machine is up',
    output,
    cause,
  })
}

export function refused(
  place: Place,
  { user, because, hint, output, cause }: Reason & { readonly user: string },
): TasksError {
  return new TasksError({
    code: 'refused',
    message: `Cannot log in to "${place.name}" as ${user}: ${because}.`,
    hint,
    output,
    cause,
  })
}

export function stopped(name: string): TasksError {
  return new TasksError({ code: 'interrupted', message: `Stopped while connecting to "${name}".` })
}

/** What an error of a socket, a name lookup or the SSH library means, in plain words; undefined for what nobody thought of. */
export function plainWords(error: unknown): Words | undefined {
  const first = error instanceof AggregateError ? (error.errors[0] ?? error) : error
  const code = codeOf(first)
  const known = code === undefined ? undefined : byCode[code]
  if (known) return known
  const message = first instanceof Error ? first.message : String(first)
  const matching = byMessage.find(([pattern]) => pattern.test(message))
  return matching?.[1]
}

interface Reason extends Words {
  readonly output?: string | undefined
  readonly cause?: unknown
}

const byCode: Readonly<Record<string, Words>> = {
  ECONNREFUSED: {
    because: 'nothing listens on that port',
    hint: 'check the port, and that an SSH server runs there',
  },
  ETIMEDOUT: { because: 'it does not answer', hint: 'check the address, and that no firewall is in between' },
  EHOSTUNREACH: { because: 'there is no way to that address', hint: 'check the address and your network' },
  ENETUNREACH: { because: 'there is no way to that network', hint: 'check the address and your network' },
  ENOTFOUND: { because: 'no such host name is known', hint: 'check the spelling, or give an address' },
  EAI_AGAIN: { because: 'host names cannot be looked up just now', hint: 'check your network, or give an address' },
  ECONNRESET: { because: 'it closed the connection before the login' },
  EPIPE: { because: 'it closed the connection before the login' },
  EACCES: { because: 'this machine does not allow connections to it' },
}

const byMessage: readonly (readonly [RegExp, Words])[] = [
  [/No response from server/, { because: 'it closed the connection before the login' }],
  [/Handshake failed: no matching/, { because: 'it has no algorithm in common with us', hint: 'update its OpenSSH' }],
  [
    /open failure: Connection refused/,
    { because: 'nothing listens on that port', hint: 'check the port, and that an SSH server runs there' },
  ],
  [/open failure: .*timed out/, { because: 'it does not answer the host before it' }],
  [/open failure: (No route|Network is unreachable)/, { because: 'the host before it has no way to that address' }],
  [
    /open failure: .*(not known|name resolution|Unknown host)/,
    { because: 'the host before it does not know that name' },
  ],
  [
    /forwarding prohibited/,
    {
      because: 'the host before it does not forward connections',
      hint: 'allow AllowTcpForwarding there, or take another way',
    },
  ],
]

function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
