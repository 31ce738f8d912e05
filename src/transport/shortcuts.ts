import type { Client } from 'ssh2'
import type { Identity } from './identity.ts'

/**
 * Spares a connection three waits for an answer that is foreseen, as plain `ssh` does with none of them:
 * - the first way to log in goes right behind the request for the login service (RFC 4252 lets a client send on);
 * - a key whose secret half is at hand signs at once, instead of asking first whether it would do (RFC 4252, section 7);
 * - what a command reads goes right behind the request to run it. Where the host refuses to, the channel emits `refused`.
 *
 * The library has no door for these (ssh2 1.17): they lead through parts that it keeps to itself. Where those are not as they were, nothing
 * is shortened, and all works as before.
 */
export function takeShortcuts(client: Client, current: () => Identity | undefined): void {
  const { _protocol: protocol, _chanMgr: channels } = client as Client & Internals
  if (protocol === undefined) return
  if (has(protocol, 'service') && has(protocol._handlers, 'SERVICE_ACCEPT')) loginBehindService(protocol)
  if (has(protocol, 'authPK')) signAtOnce(protocol, current)
  if (has(protocol, 'exec') && channels?._channels) writeBehindExec(protocol, channels)
}

export const refused = 'refused'

/** What ssh2 1.17 keeps to itself. */
interface Internals {
  readonly _protocol?: Protocol
  readonly _chanMgr?: Channels
}

interface Protocol {
  service(name: string): void
  /** Asks whether a key would do; with `sign`, logs in with it. */
  authPK(user: string, key: unknown, algorithm: string | undefined, sign?: Sign): void
  exec(channel: number, command: string, wantsReply: boolean): void
  readonly _handlers: { SERVICE_ACCEPT(protocol: Protocol, name: string): void }
}

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void

interface Channels {
  readonly _channels: Readonly<Record<number, HeldChannel | undefined>>
}

interface HeldChannel {
  readonly outgoing: { readonly id: number }
  readonly _callbacks: ((isRefused: boolean) => void)[]
  emit(event: string): void
}

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
    const hash = algorithm?.replace(/^rsa-sha2-/, 'sha')
    authPK(user, key, algorithm, (data, done) => {
      const hashOf = hash === algorithm ? undefined : hash
      identity.sign(data, hashOf).then(done, () => authPK(user, key, algorithm))
    })
  }
}

function writeBehindExec(protocol: Protocol, channels: Channels): void {
  const exec = protocol.exec.bind(protocol)
  protocol.exec = (id, command, wantsReply) => {
    exec(id, command, wantsReply)
    const channel = Object.values(channels._channels).find((held) => held?.outgoing?.id === id)
    const accepted = channel?._callbacks.shift()
    channel?._callbacks.push((isRefused) => {
      if (isRefused) channel.emit(refused)
    })
    accepted?.(false)
  }
}
