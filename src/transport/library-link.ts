import type { Client, ClientChannel } from 'ssh2'
import type { ChannelEnd } from '../core/connection.ts'
import { type Outcome, untilLetIn } from './attempts.ts'
import { type Deadline, held, startDeadline } from './deadline.ts'
import type { Way } from './dial.ts'
import { handshake } from './handshake.ts'
import { type HostKeys, knownKeys } from './host-key.ts'
import { findIdentities, type Identities } from './identities.ts'
import type { Identity } from './identity.ts'
import { watchLife } from './keepalive.ts'
import type { Link, LinkOptions, Opened, Prompts, Session } from './link.ts'
import { startLogin } from './login.ts'
import type { Place } from './refusals.ts'
import type { SshSettings } from './ssh-config.ts'
import { explain, isTurnedAway } from './why-not.ts'

/** One host on the way, and how to get to its port. */
export interface Hop {
  readonly name: string
  readonly settings: SshSettings
  readonly through: readonly string[]
  dial(signal: AbortSignal): Promise<Way>
}

/** A link that the SSH library carries. */
export interface LibraryLink extends Link {
  readonly client: Client
}

/** Dials and logs in. */
export async function libraryLink(hop: Hop, options: LinkOptions): Promise<LibraryLink> {
  const deadline = startDeadline(options.connectTimeoutSeconds ?? hop.settings.connectTimeoutSeconds ?? 15)
  const signal = AbortSignal.any([options.signal, deadline.signal])
  const { prompts, underway } = options
  const ask = held(prompts.passphrase, deadline)
  try {
    const parts = Promise.all([
      knownKeys(hop.settings, hop.name, held(prompts.acceptHostKey, deadline)),
      findIdentities(hop.settings, { ask, signal }),
    ])
    parts.catch(() => {})
    const unusable = new Map<Identity, unknown>()
    const attempt = () => attemptLink(hop, parts, { deadline, signal, prompts, underway, unusable })
    return await untilLetIn(attempt, { name: hop.name, deadline, options })
  } finally {
    deadline.stop()
  }
}

interface Attempt {
  readonly deadline: Deadline
  readonly signal: AbortSignal
  readonly prompts: Prompts
  readonly underway: () => void
  /** Grows by the keys that turn out not to sign; the library gives up a connection over one such. */
  readonly unusable: Map<Identity, unknown>
}

async function attemptLink(
  hop: Hop,
  parts: Promise<readonly [HostKeys, Identities]>,
  { deadline, signal, prompts, underway, unusable }: Attempt,
): Promise<Outcome<LibraryLink>> {
  const { settings, name } = hop
  let place: Place = { name, address: settings.hostname, port: settings.port, through: hop.through }
  const dialling = hop.dial(signal).catch((error: unknown) => ({ error }))
  let isAnswered = false
  // One that answers as fast as files are read is greeted first
  const unlessAnswered = () => isAnswered || underway()
  parts.then(unlessAnswered, unlessAnswered)
  const dialled = await dialling
  isAnswered = true
  if ('error' in dialled) {
    return { error: explain({ place, error: dialled.error, deadline }), isWorthRetrying: false }
  }
  place = { ...place, address: dialled.address ?? place.address }
  const [hostKeys, identities] = await parts
  const usable = identities.offered.filter((identity) => !unusable.has(identity))
  const before = unusable.size
  const login = startLogin({
    user: settings.user,
    name,
    identities: usable,
    askPassword: held(prompts.password, deadline),
    unusable,
  })
  try {
    const client = await handshake({
      stream: dialled.stream,
      user: settings.user,
      knownTypes: hostKeys.types,
      checkHostKey: (key) => hostKeys.check(key, place),
      login,
      keepaliveSeconds: settings.keepaliveSeconds ?? 15,
      underway,
      signal,
    })
    return { link: established({ place, client, way: dialled }, settings) }
  } catch (error) {
    const complaint = await dialled.complaint?.()
    const told = { place, error, deadline, login, identities, unusable, user: settings.user, complaint }
    const isWorthRetrying = isTurnedAway(error) && complaint === undefined && !signal.aborted
    const explained = explain({ ...told, flags: settings.givenFlags })
    const isOneLess = unusable.size > before && usable.length > 1 && explained.code === 'refused'
    return { error: explained, isWorthRetrying: isOneLess ? 'with other keys' : isWorthRetrying }
  }
}

function established(
  { place, client, way }: { readonly place: Place; readonly client: Client; readonly way: Way },
  settings: SshSettings,
): LibraryLink {
  let because = 'the host closed the connection'
  const life = watchLife(way.stream, {
    seconds: settings.keepaliveSeconds ?? 15,
    count: settings.keepaliveCount,
    onSilence(seconds) {
      because = `nothing came from the host for ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`
      way.stream.destroy()
    },
  })
  client.on('error', (error: Error) => {
    because = `the connection broke: ${error.message}`
  })
  let isGone = false
  const gone = new Promise<string>((resolve) => {
    client.once('close', () => {
      life.stop()
      isGone = true
      resolve(because)
    })
  })
  return {
    place,
    client,
    exec: (command) => exec(client, command),
    bytes: way.bytes,
    gone,
    goneBecause: () => (isGone ? because : undefined),
    async close() {
      because = 'the connection was closed'
      const told = new Promise<void>((resolve) => {
        way.stream.once('finish', () => resolve())
      })
      client.end()
      // A host that has vanished never says goodbye
      const timer = setTimeout(() => way.stream.destroy(), 1000).unref()
      void gone.then(() => clearTimeout(timer))
      // Its goodbye is a round trip away, and nobody needs it
      await Promise.race([told, gone])
    },
  }
}

function exec(client: Client, command: string): Promise<Opened> {
  return new Promise((resolve) => {
    try {
      client.exec(command, (error, stream) => {
        if (error) resolve({ error: plainRefusal(error), isFull: 'reason' in error && error.reason === openFailed })
        else resolve({ session: sessionOf(stream) })
      })
    } catch (error) {
      resolve({ error: error instanceof Error ? error : new Error(String(error)), isFull: false })
    }
  })
}

/** What sshd says beyond MaxSessions. */
const openFailed = 2

function plainRefusal(error: Error): Error {
  return new Error(error.message.replace(/^\(SSH\) Channel open failure: /, ''), { cause: error })
}

function sessionOf(stream: ClientChannel): Session {
  let end: ChannelEnd | undefined
  stream.once('exit', (code: number | null, name?: string) => {
    if (code !== null) end = { kind: 'exited', code }
    else if (name) end = { kind: 'signalled', signal: name }
  })
  return {
    stdin: stream,
    stdout: stream,
    stderr: stream.stderr,
    end: () => end,
    closed: new Promise((resolve) => {
      stream.once('close', () => resolve())
    }),
    close: () => stream.close(),
  }
}
