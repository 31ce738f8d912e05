import type { Duplex } from 'node:stream'
import type { AcceptConnection, Client, ClientChannel, TcpConnectionDetails } from 'ssh2'
import type { Endpoint, OnFailure } from '../core/connection.ts'
import { bringHere } from './forwarding.ts'
import type { Link } from './link.ts'
import { whyRefused } from './port-refusal.ts'

/** Connects to a place as the host sees it, with the SSH library. */
export function dialFrom(client: Client, there: Endpoint): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const settle = (error: Error | undefined, stream: ClientChannel) => {
      if (error) reject(new Error(whyRefused('reason' in error ? error.reason : undefined, error.message)))
      else resolve(stream)
    }
    try {
      if ('path' in there) client.openssh_forwardOutStreamLocal(there.path, settle)
      else client.forwardOut('127.0.0.1', 0, there.host, there.port, settle)
    } catch (error) {
      reject(error)
    }
  })
}

/** Has the host listen; one listener serves all ports, since the library has one event for them. */
export function listenerOf(client: Client): Link['listen'] {
  const places = new Map<number, { readonly to: Endpoint; readonly onFailure: OnFailure }>()
  client.on('tcp connection', ({ destPort }: TcpConnectionDetails, accept: AcceptConnection, reject) => {
    const place = places.get(destPort)
    if (!place) return reject()
    bringHere(accept(), place.to, place.onFailure)
  })
  return (port, to, onFailure) =>
    new Promise((resolve, reject) => {
      client.forwardIn('127.0.0.1', port, (error, given) => {
        if (error) return reject(error)
        const listening = port === 0 ? given : port
        places.set(listening, { to, onFailure })
        resolve({
          port: listening,
          close: () =>
            new Promise((closed) => {
              places.delete(listening)
              try {
                client.unforwardIn('127.0.0.1', listening, () => closed())
                client.once('close', () => closed())
              } catch {
                closed() // The connection is gone, and the port with it
              }
            }),
        })
      })
    })
}
