import type { Duplex } from 'node:stream'
import { NodeSSH } from 'node-ssh'
import type { Client, ServerHostKeyAlgorithm } from 'ssh2'
import { HandshakeFailure } from './handshake-failure.ts'
import type { Login } from './login.ts'
import { takeShortcuts } from './shortcuts.ts'

export interface HandshakeParts {
  readonly stream: Duplex
  readonly user: string
  /** The key types that known_hosts holds: asked for first, or a host with several keys would look unknown. */
  readonly knownTypes: readonly string[]
  /** Rejects when the host must not be trusted. */
  readonly checkHostKey: (key: Buffer) => Promise<void>
  readonly login: Login
  readonly keepaliveSeconds: number
  /** Called once the host was greeted. */
  readonly underway: () => void
  readonly signal: AbortSignal
}

/** Speaks SSH over a stream until the login is done. The client that it gives never throws a stray error. */
export async function handshake(parts: HandshakeParts): Promise<Client> {
  const ssh = new NodeSSH()
  let given: unknown
  let isEncrypted = false
  let greeting = ''
  const giveUp = (reason: unknown) => {
    given ??= reason
    parts.stream.destroy()
  }
  const { stream } = parts
  onFirstWrite(stream, parts.underway)
  const ended = new Promise<never>((_, reject) => {
    const tooEarly = () => reject(new Error('Connection lost before handshake'))
    stream.once('close', tooEarly)
    // It may be gone already, and would never say so again
    if (stream.destroyed) tooEarly()
  })
  const connecting = ssh.connect({
    sock: stream,
    username: parts.user,
    algorithms: { serverHostKey: hostKeyOrder(parts.knownTypes) },
    hostVerifier: (key: Buffer, verify: (isTrusted: boolean) => void) => {
      parts.checkHostKey(key).then(
        () => verify(true),
        (reason: unknown) => {
          given ??= reason
          verify(false)
        },
      )
    },
    authHandler: parts.login.handler,
    // Ours stands still while a person is asked
    readyTimeout: 0,
    keepaliveInterval: parts.keepaliveSeconds * 1000,
    // The answers are watched by us: the library counts only answers, we count any sign of life
    keepaliveCountMax: Number.POSITIVE_INFINITY,
  })
  const client = ssh.connection
  if (!client) throw new Error('node-ssh made no client')
  // node-ssh takes its listener away after the login; without one a dead connection would end the process
  client.on('error', () => {})
  client.once('handshake', () => {
    isEncrypted = true
    takeShortcuts(client, () => parts.login.tried.identities.at(-1))
  })
  // The stream is paused until the library reads it: this takes nothing away
  stream.once('data', (chunk: Buffer) => {
    greeting = chunk.toString('latin1', 0, 200)
  })
  const abort = () => giveUp(parts.signal.reason)
  parts.signal.addEventListener('abort', abort, { once: true })
  const aborted = new Promise<never>((_, reject) => {
    parts.signal.addEventListener('abort', () => reject(parts.signal.reason), { once: true })
  })
  for (const late of [connecting, aborted, ended]) late.catch(() => {})
  try {
    if (parts.signal.aborted) abort()
    await Promise.race([connecting, aborted, ended])
    return client
  } catch (error) {
    stream.destroy()
    throw new HandshakeFailure(given ?? error, { isEncrypted, greeting })
  } finally {
    parts.signal.removeEventListener('abort', abort)
  }
}

/** The library greets when it is ready, which it tells nobody. */
function onFirstWrite(stream: Duplex, told: () => void): void {
  const { write } = stream
  stream.write = ((...chunk: Parameters<typeof write>) => {
    stream.write = write
    const hasRoom = write.apply(stream, chunk)
    told()
    return hasRoom
  }) as typeof write
}

const supported: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
]

function hostKeyOrder(knownTypes: readonly string[]): ServerHostKeyAlgorithm[] {
  const isKnown = (algorithm: string) => knownTypes.includes(algorithm.startsWith('rsa-sha2') ? 'ssh-rsa' : algorithm)
  return [...supported.filter(isKnown), ...supported.filter((algorithm) => !isKnown(algorithm))]
}
