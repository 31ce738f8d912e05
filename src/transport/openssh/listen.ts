import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Endpoint } from '../../core/connection.ts'
import type { Link } from '../link.ts'

const run = promisify(execFile)

/**
 * Has the host listen, by a word to the master: in its proxy mode it does not tell which port it was given. It is the master, too,
 * who connects to the place of this machine; where that fails it tells nobody.
 */
export function listenerOf(socket: string): Link['listen'] {
  const say = (word: string, flags: readonly string[]) =>
    run('ssh', ['-F', 'none', '-S', socket.replaceAll('%', '%%'), '-O', word, ...flags, '--', 'gone.invalid'])
  return async (port, to) => {
    const way = (listening: number) => ['-R', `127.0.0.1:${listening}:${wordOf(to)}`]
    const { stdout } = await say('forward', way(port))
    const given = port === 0 ? Number(stdout.trim()) : port
    return {
      port: given,
      // The connection may be gone, and the port with it
      close: async () => void (await say('cancel', way(port === 0 ? 0 : given)).catch(() => {})),
    }
  }
}

function wordOf(to: Endpoint): string {
  return 'path' in to ? to.path : `${to.host.includes(':') ? `[${to.host}]` : to.host}:${to.port}`
}
