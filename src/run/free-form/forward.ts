import type { Host } from '../../core/app.ts'
import type { Carrying, Endpoint } from '../../core/connection.ts'
import { TasksError } from '../../core/errors.ts'
import type { Forward, Forwarding } from '../../core/free-form.ts'
import type { Machine } from './machine.ts'

/** Carries connections as `ports` says, until closed or the task ends. One that is not let through is told as a warning, once for each reason. */
export async function forward(machine: Machine, ports: Forwarding): Promise<Forward> {
  const { connection, ended, host = '' } = machine
  if (!connection.forward || !connection.forwardBack) throw notCarried(host)
  const carrying =
    'listen' in ports
      ? await connection.forwardBack(
          { listen: portOf(ports.listen), to: endpointOf(ports.to) },
          telling(machine, `from this machine to ${ports.to}, for "${host}"`),
        )
      : await connection.forward(
          { here: portOf(ports.here ?? 0), there: endpointOf(ports.there) },
          telling(machine, `from "${host}" to ${ports.there}`),
        )
  return lasting(carrying, ended)
}

/** The forwarding that the config names. */
export async function tunnel(machine: Machine, host: Host, name: string): Promise<Forward> {
  const { tunnels = {} } = host
  if (!Object.hasOwn(tunnels, name)) {
    const known = Object.keys(tunnels)
    throw new TasksError({
      code: 'config',
      message: `Cannot open the tunnel "${name}" to "${host.name}", because the config has none of that name for it.`,
      hint: known.length === 0 ? `add hosts.${host.name}.tunnels` : `use one of: ${known.join(', ')}`,
    })
  }
  return await forward(machine, { there: tunnels[name] as string }) // It has that key
}

/** `host:port` (IPv6 in brackets), a port of the loopback, or the path of a socket. Throws a TypeError for anything else. */
export function endpointOf(place: string | number): Endpoint {
  if (typeof place === 'string' && place.startsWith('/') && !place.includes('\0')) return { path: place }
  const [, bracketed, plain, port] = /^(?:(?:\[([\da-f:.]+)\]|([^\s:/[\]]+)):)?(\d{1,5})$/i.exec(String(place)) ?? []
  if (port === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw new TypeError(`${JSON.stringify(place)} is no place: write host:port, a port, or the path of a socket.`)
  return { host: bracketed ?? plain ?? '127.0.0.1', port: Number(port) }
}

function portOf(port: number): number {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TypeError(`${port} is no port.`)
  return port
}

function telling({ emit, host, task }: Machine, way: string): (because: string) => void {
  const told = new Set<string>()
  return (because) => {
    if (told.has(because)) return
    told.add(because)
    emit({
      type: 'note.told',
      level: 'warning',
      ...(host !== undefined && { host }),
      task,
      message: `Cannot connect ${way}, because ${because}.`,
      ...(/forbids/.test(because) && { hint: 'look at AllowTcpForwarding and PermitOpen in its sshd_config' }),
    })
  }
}

/** Closes once, and with the task. */
function lasting(carrying: Carrying, ended: AbortSignal): Forward {
  let closing: Promise<void> | undefined
  const close = () => {
    ended.removeEventListener('abort', onEnd)
    closing ??= carrying.close()
    return closing
  }
  const onEnd = () => void close()
  ended.addEventListener('abort', onEnd, { once: true })
  if (ended.aborted) onEnd()
  return { port: carrying.port, address: '127.0.0.1', close }
}

function notCarried(host: string): TasksError {
  return new TasksError({
    code: 'usage',
    message: `Cannot forward a port of "${host}", because nothing carries connections to it.`,
    hint: 'connect to it directly: it is this machine',
  })
}
