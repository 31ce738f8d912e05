import type { Duplex } from 'node:stream'
import { NodeSSH } from 'node-ssh'
import type { AuthHandlerMiddleware, Client, ServerHostKeyAlgorithm } from 'ssh2'

export interface HandshakeParts {
  readonly stream: Duplex
  readonly user: string
  /** The key types that known_hosts holds: asked for first, or a host with several keys would look unknown. */
  readonly knownTypes: readonly string[]
  /** Rejects when the host must not be trusted. */
  readonly checkHostKey: (key: Buffer) => Promise<void>
  readonly login: AuthHandlerMiddleware
  readonly keepaliveSeconds: number
  readonly signal: AbortSignal
}

/** How far a handshake came before it failed; where we gave it up ourselves, `cause` is why. */
export class HandshakeFailure extends Error {
  readonly isEncrypted: boolean
  override readonly cause: unknown

  constructor(cause: unknown, isEncrypted: boolean) {
    super('handshake failed')
    this.cause = cause
    this.isEncrypted = isEncrypted
  }
}

/** Speaks SSH over a stream until the login is done. The client that it gives never throws a stray error. */
export async function handshake(parts: HandshakeParts): Promise<Client> {
  const ssh = new NodeSSH()
  let given: unknown
  let isEncrypted = false
  const giveUp = (reason: unknown) => {
    given ??= reason
    parts.stream.destroy()
  }
  const connecting = ssh.connect({
    sock: parts.stream,
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
    authHandler: parts.login,
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
  })
  const abort = () => giveUp(parts.signal.reason)
  parts.signal.addEventListener('abort', abort, { once: true })
  const aborted = new Promise<never>((_, reject) => {
    parts.signal.addEventListener('abort', () => reject(parts.signal.reason), { once: true })
  })
  try {
    if (parts.signal.aborted) abort()
    await Promise.race([connecting, aborted])
    return client
  } catch (error) {
    parts.stream.destroy()
    throw new HandshakeFailure(given ?? error, isEncrypted)
  } finally {
    parts.signal.removeEventListener('abort', abort)
  }
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
