import type { Host } from '../core/app.ts'
import type { Connection } from '../core/connection.ts'
import type { ConnectOptions } from '../run/index.ts'
import { connectSsh, PrintedConfigs } from '../transport/ssh.ts'

interface LoginOptions extends Omit<ConnectOptions, 'underway'>, Partial<Pick<ConnectOptions, 'underway'>> {
  /** What ssh's configuration says, or 15, where it is not said. */
  readonly connectTimeoutSeconds?: number | undefined
  readonly configs?: PrintedConfigs
}

/** The same for all hosts of a run: ssh's configuration is what it was when the run began. */
export function connecting(): typeof connectTo {
  const configs = new PrintedConfigs()
  return (host, options) => connectTo(host, { ...options, configs })
}

/** Logs in to a host of the app over SSH; what the host does not say is what ssh's own configuration says. */
export async function connectTo(host: Host, options: LoginOptions): Promise<Connection> {
  const { address, user, port, identityFile, knownHostsFile, jump, transport } = host
  const { ask, signal, underway, connectTimeoutSeconds, configs } = options
  const target = { host: address, user, port, identityFile, knownHostsFile, jump, transport }
  return await connectSsh(target, { prompts: ask, signal, underway, connectTimeoutSeconds, configs })
}
