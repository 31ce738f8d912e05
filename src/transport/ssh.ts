import type { Connection } from '../core/connection.ts'
import type { LinkOptions, Prompts } from './link.ts'
import { stopped } from './refusals.ts'
import { route } from './route.ts'
import type { Environment } from './ssh-config.ts'
import { checkTarget, type SshTarget } from './target.ts'

export type { HostKeyQuestion } from './host-key.ts'
export type { Prompts } from './link.ts'
export { parseTarget, type SshTarget } from './target.ts'

export interface SshOptions {
  readonly prompts?: Prompts | undefined
  readonly signal?: AbortSignal | undefined
  /** For each host on the way; stands still while a person is asked. Else ssh's ConnectTimeout, else 15. */
  readonly connectTimeoutSeconds?: number | undefined
  /** How often to try again where a host takes no more logins just now. 4 unless told otherwise. */
  readonly retries?: number | undefined
  /** Where SSH_AUTH_SOCK, and variables that the configuration names, are read. */
  readonly env?: Environment | undefined
}

/**
 * Logs in to a host, through its jump hosts, as OpenSSH's configuration has it. Rejects with a TasksError: `unreachable`, `refused`,
 * `config`, `usage`, or `interrupted` once the signal says so. The SSH library is loaded here, not before.
 */
export async function connectSsh(target: SshTarget, options: SshOptions = {}): Promise<Connection> {
  checkTarget(target)
  const { signal = new AbortController().signal, env = process.env } = options
  const library = import('./chain.ts')
  library.catch(() => {})
  try {
    const way = await route(target, { env, signal })
    const linkOptions: LinkOptions = {
      prompts: options.prompts ?? {},
      signal,
      connectTimeoutSeconds: options.connectTimeoutSeconds,
      retries: options.retries ?? 4,
    }
    return await (await library).connectChain(way, linkOptions)
  } catch (error) {
    throw signal.aborted ? stopped(target.host) : error
  }
}
