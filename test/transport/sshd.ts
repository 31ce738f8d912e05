import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { SshTarget } from '../../src/transport/ssh.ts'
import { toldWhy } from '../told.ts'

/** Debian's openssh-server; the tests that need it are skipped where it is missing. */
export const sshdProgram = ['/usr/sbin/sshd', '/usr/local/sbin/sshd'].find(existsSync)

toldWhy('logins to a real sshd', sshdProgram === undefined ? 'openssh-server is not installed' : undefined)

/** A folder with keys, an authorized_keys file that knows them all but `stranger`, and an empty known_hosts. */
export function keyFolder(): { readonly folder: string; readonly path: (name: string) => string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'tasks-sshd-'))
  const path = (name: string) => join(folder, name)
  const make = (name: string, type: string, passphrase = '') =>
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', name, '-f', path(name)])
  make('hostkey', 'ed25519')
  for (const type of ['ed25519', 'ecdsa', 'rsa']) make(type, type)
  make('locked', 'ed25519', 'open sesame')
  make('stranger', 'ed25519')
  const trusted = ['ed25519', 'ecdsa', 'rsa', 'locked']
  writeFileSync(path('authorized_keys'), trusted.map((name) => readFileSync(path(`${name}.pub`), 'utf8')).join(''), {
    mode: 0o600,
  })
  writeFileSync(path('known_hosts'), '')
  writeFileSync(path('ssh_config'), '')
  return { folder, path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export interface Sshd {
  readonly port: number
  /** How many TCP connections have come in. */
  connections(): number
  /** Ends every session's process at once, as a crash of the host would. */
  killSessions(): void
  /** Stops the processes without ending them: the network goes silent. */
  freeze(): void
  /** `host type key` for known_hosts. */
  readonly knownLine: string
  /** Everything sshd has said. */
  log(): string
  close(): Promise<void>
}

interface SshdOptions {
  readonly path: (name: string) => string
  readonly hostKey?: string
  readonly config?: readonly string[]
  /** This many connections are closed before a word is said. */
  readonly turnAway?: number
  readonly address?: '127.0.0.1' | '::1'
}

/** A real sshd on loopback: one process for each connection, as from inetd, so that no port can be taken by others meanwhile. */
export async function startSshd({
  path,
  hostKey = 'hostkey',
  config = [],
  turnAway = 0,
  address = '127.0.0.1',
}: SshdOptions): Promise<Sshd> {
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true })
  const file = path(`sshd_config_${Math.random().toString(36).slice(2)}`)
  writeFileSync(
    file,
    [
      ...config,
      `HostKey ${path(hostKey)}`,
      `AuthorizedKeysFile ${path('authorized_keys')}`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'LogLevel VERBOSE',
      '',
    ].join('\n'),
  )
  const children = new Set<ChildProcess>()
  let connections = 0
  let log = ''
  const server = createServer({ pauseOnConnect: true }, (socket: Socket) => {
    if (connections++ < turnAway) return void socket.destroy()
    const child = spawn(sshdProgram ?? 'sshd', ['-i', '-e', '-f', file], {
      stdio: [socket, socket, 'pipe'],
      detached: true,
    })
    child.stderr?.on('data', (chunk) => (log += chunk))
    children.add(child)
    child.once('exit', () => children.delete(child))
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  const { port } = server.address() as AddressInfo
  const signal = (name: NodeJS.Signals) => {
    for (const { pid } of children) if (pid) signalTree(pid, name)
  }
  return {
    port,
    connections: () => connections,
    killSessions: () => signal('SIGKILL'),
    freeze: () => signal('SIGSTOP'),
    knownLine: `[${address}]:${port} ${readFileSync(path(`${hostKey}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ')}\n`,
    log: () => log,
    async close() {
      signal('SIGKILL')
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A login that needs nothing but the folder. */
export function loginTo(sshd: Sshd, path: (name: string) => string, identity = 'ed25519'): SshTarget {
  return {
    host: '127.0.0.1',
    port: sshd.port,
    identityFile: path(identity),
    knownHostsFile: path('known_hosts'),
    configFile: path('ssh_config'),
  }
}

export function trust(sshd: Sshd, path: (name: string) => string): void {
  writeFileSync(path('known_hosts'), sshd.knownLine, { flag: 'a' })
}

/** sshd's session processes lead groups of their own; the commands that they started are left alone. */
function signalTree(pid: number, name: NodeJS.Signals): void {
  const children = childrenOf(pid)
  try {
    process.kill(pid, name)
  } catch {
    return
  }
  for (const child of children)
    if (readFileSync(`/proc/${child}/comm`, 'utf8').startsWith('sshd')) signalTree(child, name)
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}
