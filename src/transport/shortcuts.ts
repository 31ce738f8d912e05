import type { Client } from 'ssh2'
import type { Identity } from './identity.ts'

/**
 * Spares a connection two waits for an answer that is foreseen:
 * - the first way to log in goes right behind the request for the login service (RFC 4252 lets a client send on);
 * - a key whose secret half is at hand signs at once, instead of asking first whether it would do (RFC 4252, section 7).
 *
 * The library has no door for these (ssh2 1.17): they lead through parts that it keeps to itself. Where those are not as they were, nothing
 * is shortened, and all works as before. What a command reads cannot go before the host's answer: OpenSSH opens a session with no window.
 */
export function takeShortcuts(client: Client, current: () => Identity | undefined): void {
  const { _protocol: protocol } = client as Client & { readonly _protocol?: Protocol }
  if (protocol === undefined) return
  if (has(protocol, 'service') && has(protocol._handlers, 'SERVICE_ACCEPT')) loginBehindService(protocol)
  if (has(protocol, 'authPK')) signAtOnce(protocol, current)
}

/** What ssh2 1.17 keeps to itself. */
interface Protocol {
  service(name: string): void
  /** Asks whether a key would do; with `sign`, logs in with it. */
  authPK(user: string, key: unknown, algorithm: string | undefined, sign?: Sign): void
  readonly _handlers: { SERVICE_ACCEPT(protocol: Protocol, name: string): void }
}

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void

function has(holder: object | undefined, name: string): boolean {
  return typeof (holder as Readonly<Record<string, unknown>> | undefined)?.[name] === 'function'
}

function loginBehindService(protocol: Protocol): void {
  const { _handlers: handlers } = protocol
  const { SERVICE_ACCEPT: accepted } = handlers
  const service = protocol.service.bind(protocol)
  protocol.service = (name) => {
    service(name)
    handlers.SERVICE_ACCEPT = () => undefined
    accepted(protocol, name)
  }
}

function signAtOnce(protocol: Protocol, current: () => Identity | undefined): void {
  const authPK = protocol.authPK.bind(protocol)
  protocol.authPK = (user, key, algorithm, sign) => {
    const identity = current()
    if (sign !== undefined || identity?.isAtHand !== true) return authPK(user, key, algorithm, sign)
    const bits = /^rsa-sha2-(\d+)$/.exec(algorithm ?? '')?.[1]
    authPK(user, key, algorithm, (data, done) => {
      identity.sign(data, bits && `sha${bits}`).then(done, () => authPK(user, key, algorithm))
    })
  }
}
