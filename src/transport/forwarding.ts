import { type AddressInfo, createServer, connect as dialHere, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Carrying, Endpoint, OnFailure } from '../core/connection.ts'
import { TasksError } from '../core/errors.ts'
import type { Link } from './link.ts'

/** Listens on this machine's loopback; each connection to it is one of the link's own channels. */
export async function forwardHere(
  link: Link,
  { here, there }: { readonly here: number; readonly there: Endpoint },
  onFailure: OnFailure,
): Promise<Carrying> {
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    socket.on('error', () => {})
    link.dial(there).then(
      (carried) => join(socket, carried),
      (error: unknown) => {
        onFailure(error instanceof Error ? error.message : String(error))
        socket.resetAndDestroy()
      },
    )
  })
  await listening(server, here)
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of open) socket.destroy()
    })
  void link.gone.then(close)
  return { port: (server.address() as AddressInfo).port, close }
}

/** Has the host listen on its loopback for a place of this machine. */
export async function forwardThere(
  link: Link,
  { listen, to }: { readonly listen: number; readonly to: Endpoint },
  onFailure: OnFailure,
): Promise<Carrying> {
  try {
    return await link.listen(listen, to, onFailure)
  } catch (cause) {
    const what = listen === 0 ? 'on a port' : `on port ${listen}`
    throw new TasksError({
      code: 'refused',
      message: `Cannot have "${link.place.name}" listen ${what} for this machine, because its SSH server refuses.`,
      hint: 'see on the host whether the port is taken (ss -ltn), and AllowTcpForwarding in its sshd_config',
      cause,
    })
  }
}

/** Connects to a place as this machine sees it, and joins that with what the host brought. */
export function bringHere(carried: Duplex, to: Endpoint, onFailure: OnFailure): void {
  const socket = dialHere({ ...to, allowHalfOpen: true })
  let isThere = false
  socket.once('connect', () => {
    isThere = true
    join(socket, carried)
  })
  socket.on('error', (error) => {
    if (isThere) return
    onFailure(error.message)
    carried.destroy()
  })
}

/** What ends on one side ends on the other; what breaks on one side is broken off on the other. */
function join(socket: Socket, carried: Duplex): void {
  for (const [from, to] of [
    [socket, carried],
    [carried, socket],
  ] as const) {
    from.on('error', () => to.destroy())
    from.once('close', () => {
      if (!from.readableEnded) to.destroy()
    })
    from.pipe(to)
  }
  if (socket.destroyed) carried.destroy()
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(notListening(port, cause)))
    server.listen(port, '127.0.0.1', resolve)
  })
}

function notListening(port: number, cause: NodeJS.ErrnoException): TasksError {
  const because = { EADDRINUSE: 'something else does', EACCES: 'only root may' }[cause.code ?? ''] ?? cause.message
  return new TasksError({
    code: 'failed',
    message: `Cannot listen on port ${port} of this machine, because ${because}.`,
    hint: 'leave `here` out, for any port that is free',
    cause,
  })
}
