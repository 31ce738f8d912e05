import type { Host } from '../core/app.ts'
import type { Connection } from '../core/connection.ts'
import type { ConnectOptions } from '../run/index.ts'
import { connectSsh } from '../transport/ssh.ts'

/** Logs in to a host of the app over SSH; what the host does not say is what ssh's own configuration says. */
export async function connectTo(host: Host, { ask, signal, underway }: ConnectOptions): Promise<Connection> {
  const { address, user, port, identityFile, knownHostsFile, jump, transport } = host
  const target = { host: address, user, port, identityFile, knownHostsFile, jump, transport }
  return await connectSsh(target, { prompts: ask, signal, underway })
}
