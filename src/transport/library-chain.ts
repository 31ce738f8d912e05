import type { Client } from 'ssh2'
import type { Connection } from '../core/connection.ts'
import type { Ahead } from './ahead.ts'
import { dialCommand, dialTcp, expandProxyCommand, type Way } from './dial.ts'
import { type Hop, type LibraryLink, libraryLink } from './library-link.ts'
import type { LinkOptions } from './link.ts'
import type { Stop } from './route.ts'
import { sshConnection } from './ssh-connection.ts'

/** Logs in to one host after the other, each through the one before, with the SSH library. */
export async function connectLibrary(
  stops: readonly Stop[],
  options: LinkOptions & { readonly ahead: Ahead | undefined },
): Promise<Connection> {
  const links: LibraryLink[] = []
  try {
    for (const stop of stops) links.push(await libraryLink(hopTo(stop, links, options.ahead), options))
  } catch (error) {
    await Promise.all(links.map((each) => each.close()))
    throw error
  }
  return sshConnection(links, stops.at(-1)?.settings.user ?? '')
}

function hopTo({ name, settings }: Stop, links: readonly LibraryLink[], ahead: Ahead | undefined): Hop {
  const { hostname: host, port, family, user } = settings
  const previous = links.at(-1)
  return {
    name,
    settings,
    through: links.map(({ place }) => place.name),
    dial(signal) {
      if (previous) return dialThrough(previous.client, { host, port }, signal)
      if (settings.proxyCommand === undefined) return ahead?.take(signal) ?? dialTcp({ host, port, family }, signal)
      return Promise.resolve(dialCommand(expandProxyCommand(settings.proxyCommand, { host, port, user, name })))
    },
  }
}

function dialThrough(
  client: Client,
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Way> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    try {
      client.forwardOut('127.0.0.1', 0, host, port, (error, stream) => {
        if (error) return reject('reason' in error && error.reason === 1 ? new Error('forwarding prohibited') : error)
        // The bytes are those of the first hop's socket, which alone can be seen
        resolve({ stream, address: undefined, bytes: () => ({ sent: 0, received: 0 }) })
      })
    } catch (error) {
      reject(error)
    }
  })
}
