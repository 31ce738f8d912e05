import type { Connection } from '../../core/connection.ts'
import type { LinkOptions } from '../link.ts'
import type { Stop } from '../route.ts'
import type { Environment } from '../ssh-config.ts'
import { sshConnection } from '../ssh-connection.ts'
import type { OpensshLink } from './hop.ts'
import { opensshLink } from './link.ts'

/** Logs in to one host after the other, each through the one before, with the system's `ssh`. */
export async function connectOpenssh(
  stops: readonly Stop[],
  { env, ...options }: LinkOptions & { readonly env: Environment },
): Promise<Connection> {
  const links: OpensshLink[] = []
  try {
    for (const stop of stops) links.push(await opensshLink({ stop, before: [...links], env }, options))
  } catch (error) {
    await Promise.all(links.map((each) => each.close()))
    throw error
  }
  return sshConnection(links, stops.at(-1)?.settings.user ?? '')
}
