import { spawn } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { Duplex, type Readable, type Writable } from 'node:stream'

/** A way to a host's SSH server: bytes both ways, and what has crossed so far. */
export interface Way {
  readonly stream: Duplex
  /** The address that answered, where it can be seen. */
  readonly address: string | undefined
  bytes(): { readonly sent: number; readonly received: number }
  /** What a proxy command said on standard error, once it has ended; absent on other ways. */
  complaint?(): Promise<string>
}

/** Opens a TCP connection to whichever of a name's addresses answers first. Rejects with the system's own error. */
export async function dialTcp(
  { host, port, family }: { readonly host: string; readonly port: number; readonly family: 0 | 4 | 6 },
  signal: AbortSignal,
): Promise<Way> {
  const socket = connect({ host, port, family, autoSelectFamily: family === 0, noDelay: true })
  await settled(socket, signal)
  return {
    stream: socket,
    address: socket.remoteAddress,
    bytes: () => ({ sent: socket.bytesWritten, received: socket.bytesRead }),
  }
}

/** Starts a ProxyCommand as OpenSSH does, and speaks through its standard input and output. */
export function dialCommand(command: string): Way {
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  const stream = Duplex.from({ writable: child.stdin, readable: child.stdout })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk).slice(-2000)))
  child.on('error', (error) => stream.destroy(error))
  // A command that ends early breaks its pipes; that it ended is told by the stream's end
  for (const each of [stream, child.stdin, child.stdout]) each.on('error', () => {})
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
  })
  stream.once('close', () => {
    // Its input has ended, and most then end by themselves, perhaps with a last word; the others are told to
    const timer = setTimeout(() => hangUp(child.pid), 300)
    void closed.then(() => clearTimeout(timer))
  })
  return {
    stream,
    address: undefined,
    bytes: () => ({ sent: bytesOf(child.stdin).bytesWritten, received: bytesOf(child.stdout).bytesRead }),
    complaint: () => closed.then(() => complaint.trim()),
  }
}

/** Puts the host's words into a ProxyCommand. */
export function expandProxyCommand(
  command: string,
  {
    host,
    port,
    user,
    name,
  }: { readonly host: string; readonly port: number; readonly user: string; readonly name: string },
): string {
  const tokens: Readonly<Record<string, string>> = { h: host, p: String(port), r: user, n: name, '%': '%' }
  return command.replace(/%(.)/g, (whole, letter: string) => tokens[letter] ?? whole)
}

/** The command's whole group: a shell may have started several. */
function hangUp(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGHUP')
  } catch {
    // It has ended by itself
  }
}

/** Node's pipes to a child are sockets, which its types do not tell. */
function bytesOf(pipe: Writable | Readable): { readonly bytesWritten: number; readonly bytesRead: number } {
  return pipe as Socket
}

function settled(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      socket.destroy()
      reject(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort)
      resolve()
    })
    // Stays for good: between here and the handshake nobody else listens
    socket.on('error', (error) => {
      signal.removeEventListener('abort', abort)
      reject(error)
    })
    if (signal.aborted) abort()
  })
}
