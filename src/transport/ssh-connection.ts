import type { Channel, ChannelEnd, Connection, OpenOptions } from '../core/connection.ts'
import { TasksError } from '../core/errors.ts'
import { channelOf } from './channel.ts'
import { forwardHere, forwardThere } from './forwarding.ts'
import type { Link, Session } from './link.ts'
import { outputOf } from './output.ts'

/** A logged-in link, and those of the hops before it, as a Connection. */
export function sshConnection(links: readonly Link[], user: string): Connection {
  const last = links.at(-1) as Link
  let channels = 0
  let isClosing = false
  const active = new Set<Promise<unknown>>()
  const stop = new AbortController()
  void last.gone.then(() => {
    stop.abort()
    // A hop without its last host is of no use
    for (const hop of links.slice(0, -1)) void hop.close()
  })

  async function open(command: string, { signal, pty }: OpenOptions = {}): Promise<Channel> {
    let idleTries = 0
    for (let tries = 0; ; tries++) {
      if (signal?.aborted) throw stoppedOpening(last.place.name)
      const because = last.goneBecause()
      if (because !== undefined) throw lost(last.place.name, because)
      const opened = await last.exec(command, pty)
      if ('session' in opened) {
        channels++
        return follow(opened.session, signal)
      }
      if (last.goneBecause() !== undefined) continue
      idleTries = active.size === 0 ? idleTries + 1 : 0
      if (!opened.isFull || idleTries > 6) throw noChannel(last.place.name, opened.error)
      await room({ active, tries, signals: [stop.signal, ...(signal ? [signal] : [])] })
    }
  }

  function follow(session: Session, signal: AbortSignal | undefined): Channel {
    const stdout = outputOf(session.stdout)
    const stderr = outputOf(session.stderr)
    const closed = new Promise<ChannelEnd>((resolve) => {
      const finish = (because: string) => resolve(session.end() ?? { kind: 'lost', because })
      void last.gone.then((because) => {
        stdout.flush()
        stderr.flush()
        finish(because)
      })
      const giveUp = () => {
        stdout.cut()
        stderr.cut()
        finish('it was given up')
        session.close()
      }
      signal?.addEventListener('abort', giveUp)
      void session.closed.then(() => {
        finish(last.goneBecause() ?? 'the host did not tell how the command ended')
        signal?.removeEventListener('abort', giveUp)
      })
      if (signal?.aborted) giveUp()
    })
    const channel = channelOf({ stdin: session.stdin, stdout, stderr, closed })
    active.add(channel.ended)
    void channel.ended.then(() => active.delete(channel.ended))
    return channel
  }

  return {
    user,
    open,
    forward: (ports, onFailure) => forwardHere(last, ports, onFailure),
    forwardBack: (ports, onFailure) => forwardThere(last, ports, onFailure),
    wire() {
      const bytes = links.map((each) => each.bytes())
      return {
        connections: 1,
        channels,
        bytesSent: bytes.reduce((sum, { sent }) => sum + sent, 0),
        bytesReceived: bytes.reduce((sum, { received }) => sum + received, 0),
        ...(links.length > 1 ? { hops: links.length - 1 } : {}),
      }
    },
    async close() {
      if (isClosing) return void (await Promise.all(links.map(({ gone }) => gone)))
      isClosing = true
      for (const each of [...links].reverse()) await each.close()
    },
  }
}

/** Waits until one of our own channels has ended, or a little: the host counts a session a moment longer than we do. */
async function room({
  active,
  tries,
  signals,
}: {
  readonly active: ReadonlySet<Promise<unknown>>
  readonly tries: number
  readonly signals: readonly AbortSignal[]
}): Promise<void> {
  const released = new AbortController()
  const any = AbortSignal.any([...signals, released.signal])
  await new Promise<void>((resolve) => {
    any.addEventListener('abort', () => resolve(), { once: true })
    if (any.aborted) resolve()
    for (const ended of active) void ended.then(() => resolve())
    const timer = setTimeout(resolve, 25 * 2 ** Math.min(tries, 5) * (0.5 + Math.random()))
    any.addEventListener('abort', () => clearTimeout(timer), { once: true })
  })
  released.abort()
}

function lost(name: string, because: string): TasksError {
  return new TasksError({
    code: 'unreachable',
    message: `Cannot run a command on "${name}": ${because}.`,
    hint: 'connect again',
  })
}

function noChannel(name: string, cause: Error): TasksError {
  return new TasksError({
    code: 'refused',
    message: `Cannot run a command on "${name}": it opened no session (${cause.message}).`,
    hint: 'look at MaxSessions, ForceCommand and the login shell of the user there',
    cause,
  })
}

function stoppedOpening(name: string): TasksError {
  return new TasksError({ code: 'interrupted', message: `Stopped before a command started on "${name}".` })
}
