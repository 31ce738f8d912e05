import type { Client } from 'ssh2'
import type { Ask } from '../core/ask.ts'
import { type Deadline, startDeadline } from './deadline.ts'
import type { Way } from './dial.ts'
import { handshake } from './handshake.ts'
import { type HostKeys, knownKeys } from './host-key.ts'
import { findIdentities, type Identities } from './identities.ts'
import type { Identity } from './identity.ts'
import { watchLife } from './keepalive.ts'
import { startLogin } from './login.ts'
import { type Place, stopped } from './refusals.ts'
import type { SshSettings } from './ssh-config.ts'
import { explain, isTurnedAway } from './why-not.ts'

/** The questions of a login; one that cannot be asked is refused. */
export type Prompts = Pick<Ask, 'passphrase' | 'password' | 'acceptHostKey'>

export interface LinkOptions {
  readonly prompts: Prompts
  readonly signal: AbortSignal
  readonly connectTimeoutSeconds: number | undefined
  readonly retries: number
}

/** One host on the way, and how to get to its port. */
export interface Hop {
  readonly name: string
  readonly settings: SshSettings
  readonly through: readonly string[]
  dial(signal: AbortSignal): Promise<Way>
}

/** A logged-in SSH connection to one host. */
export interface Link {
  readonly place: Place
  readonly client: Client
  readonly way: Way
  /** Resolves once the connection is gone, whoever ended it, with the reason in plain words. */
  readonly gone: Promise<string>
  /** That reason, as soon as the connection is gone. */
  goneBecause(): string | undefined
  close(): Promise<void>
}

/** Dials and logs in. Tries again, later and later, where a host takes no more logins just now. */
export async function link(hop: Hop, options: LinkOptions): Promise<Link> {
  const deadline = startDeadline(options.connectTimeoutSeconds ?? hop.settings.connectTimeoutSeconds ?? 15)
  const signal = AbortSignal.any([options.signal, deadline.signal])
  const { prompts } = options
  const ask = held(prompts.passphrase, deadline)
  try {
    const parts = Promise.all([
      knownKeys(hop.settings, hop.name, held(prompts.acceptHostKey, deadline)),
      findIdentities(hop.settings, { ask, signal }),
    ])
    parts.catch(() => {})
    const unusable = new Map<Identity, unknown>()
    for (let attempt = 0; ; ) {
      const outcome = await attemptLink(hop, parts, { deadline, signal, prompts, unusable })
      if ('link' in outcome) return outcome.link
      if (options.signal.aborted) throw stopped(hop.name)
      if (outcome.isWorthRetrying === 'with other keys') continue
      if (!outcome.isWorthRetrying || attempt >= options.retries) throw outcome.error
      await deadline.hold(() => pause(100 * 2 ** attempt++ * (0.5 + Math.random()), options.signal))
    }
  } finally {
    deadline.stop()
  }
}

interface Attempt {
  readonly deadline: Deadline
  readonly signal: AbortSignal
  readonly prompts: Prompts
  /** Grows by the keys that turn out not to sign; the library gives up a connection over one such. */
  readonly unusable: Map<Identity, unknown>
}

type Outcome =
  | { readonly link: Link }
  | { readonly error: Error; readonly isWorthRetrying: boolean | 'with other keys' }

async function attemptLink(
  hop: Hop,
  parts: Promise<readonly [HostKeys, Identities]>,
  { deadline, signal, prompts, unusable }: Attempt,
): Promise<Outcome> {
  const { settings, name } = hop
  let place: Place = { name, address: settings.hostname, port: settings.port, through: hop.through }
  const dialled = await hop.dial(signal).catch((error: unknown) => ({ error }))
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
      login: login.handler,
      keepaliveSeconds: settings.keepaliveSeconds ?? 15,
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
): Link {
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
    way,
    gone,
    goneBecause: () => (isGone ? because : undefined),
    async close() {
      because = 'the connection was closed'
      client.end()
      // A host that has vanished never says goodbye
      const timer = setTimeout(() => way.stream.destroy(), 1000)
      await gone
      clearTimeout(timer)
    },
  }
}

function held<Words extends readonly unknown[], T>(
  ask: ((...words: Words) => Promise<T>) | undefined,
  deadline: Deadline,
): ((...words: Words) => Promise<T>) | undefined {
  return ask && ((...words) => deadline.hold(() => ask(...words)))
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
