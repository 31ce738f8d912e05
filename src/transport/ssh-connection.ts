import type { ClientChannel } from 'ssh2'
import type { Channel, ChannelEnd, Connection } from '../core/connection.ts'
import { TasksError } from '../core/errors.ts'
import { channelOf } from './channel.ts'
import type { Link } from './link.ts'
import { outputOf } from './output.ts'

/** A logged-in link, and those of the hops before it, as a Connection. */
export function sshConnection(links: readonly Link[], user: string): Connection {
  const last = links.at(-1) as Link
  const first = links[0] as Link
  let channels = 0
  let isClosing = false
  const active = new Set<Promise<unknown>>()
  const stop = new AbortController()
  void last.gone.then(() => {
    stop.abort()
    // A hop without its last host is of no use
    for (const hop of links.slice(0, -1)) hop.client.end()
  })

  async function open(command: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Channel> {
    let idleTries = 0
    for (let tries = 0; ; tries++) {
      if (signal?.aborted) throw stoppedOpening(last.place.name)
      const because = last.goneBecause()
      if (because !== undefined) throw lost(last.place.name, because)
      const opened = await exec(last, command)
      if ('stream' in opened) {
        channels++
        return follow(opened.stream, signal)
      }
      if (last.goneBecause() !== undefined) continue
      idleTries = active.size === 0 ? idleTries + 1 : 0
      if (!opened.isFull || idleTries > 6) throw noChannel(last.place.name, opened.error)
      await room({ active, tries, signals: [stop.signal, ...(signal ? [signal] : [])] })
    }
  }

  function follow(stream: ClientChannel, signal: AbortSignal | undefined): Channel {
    const stdout = outputOf(stream)
    const stderr = outputOf(stream.stderr)
    const closed = new Promise<ChannelEnd>((resolve) => {
      let end: ChannelEnd | undefined
      stream.once('exit', (code: number | null, name?: string) => {
        if (code !== null) end = { kind: 'exited', code }
        else if (name) end = { kind: 'signalled', signal: name }
      })
      stream.once('close', () => {
        resolve(end ?? { kind: 'lost', because: last.goneBecause() ?? 'the host did not tell how the command ended' })
      })
      void last.gone.then((because) => {
        stdout.flush()
        stderr.flush()
        resolve(end ?? { kind: 'lost', because })
      })
      const giveUp = () => {
        stdout.cut()
        stderr.cut()
        resolve(end ?? { kind: 'lost', because: 'it was given up' })
        stream.close()
      }
      signal?.addEventListener('abort', giveUp)
      stream.once('close', () => signal?.removeEventListener('abort', giveUp))
      if (signal?.aborted) giveUp()
    })
    const channel = channelOf({ stdin: stream, stdout, stderr, closed })
    active.add(channel.ended)
    void channel.ended.then(() => active.delete(channel.ended))
    return channel
  }

  return {
    user,
    open,
    wire() {
      const { sent, received } = first.way.bytes()
      return {
        connections: 1,
        channels,
        bytesSent: sent,
        bytesReceived: received,
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

type Opened = { readonly stream: ClientChannel } | { readonly error: Error; readonly isFull: boolean }

function exec({ client }: Link, command: string): Promise<Opened> {
  return new Promise((resolve) => {
    try {
      client.exec(command, (error, stream) => {
        // Reason 2: "open failed", which is what sshd says beyond MaxSessions
        if (error) resolve({ error, isFull: 'reason' in error && error.reason === 2 })
        else resolve({ stream })
      })
    } catch (error) {
      resolve({ error: error instanceof Error ? error : new Error(String(error)), isFull: false })
    }
  })
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
