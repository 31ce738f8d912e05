import type { Host } from '../core/app.ts'
import type { Ask } from '../core/ask.ts'
import type { Connection } from '../core/connection.ts'
import { connectSsh } from '../transport/ssh.ts'

interface ConnectOptions {
  readonly ask: Ask
  readonly signal: AbortSignal
  /** What ssh's configuration says, or 15, where it is not said. */
  readonly connectTimeoutSeconds?: number | undefined
}

/** Logs in to a host of the app over SSH; what the host does not say is what ssh's own configuration says. */
export async function connectTo(
  host: Host,
  { ask, signal, connectTimeoutSeconds }: ConnectOptions,
): Promise<Connection> {
  const { address, user, port, identityFile, knownHostsFile, jump, transport } = host
  const target = { host: address, user, port, identityFile, knownHostsFile, jump, transport }
  return await connectSsh(target, { prompts: ask, signal, connectTimeoutSeconds })
}
