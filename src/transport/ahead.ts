import { dialTcp, type Way } from './dial.ts'
import type { Stop } from './route.ts'

/** A connection that is dialled before the library is there to speak over it: loading that takes as long as a host needs to greet. */
export interface Ahead {
  /** The first time, what was dialled, if anything was; `signal` ends it from then on, too. */
  take(signal: AbortSignal): Promise<Way> | undefined
}

/** Dials the first host of a way, unless a command leads there. */
export function dialAhead({ settings }: Stop, signal: AbortSignal): Ahead {
  const { hostname: host, port, family, proxyCommand } = settings
  if (proxyCommand !== undefined) return { take: () => undefined }
  const ended = new AbortController()
  let dialling: Promise<Way> | undefined = dialTcp({ host, port, family }, AbortSignal.any([signal, ended.signal]))
  dialling.catch(() => undefined)
  return {
    take(signal) {
      const taken = dialling
      dialling = undefined
      signal.addEventListener('abort', () => ended.abort(signal.reason), { once: true })
      if (signal.aborted) ended.abort(signal.reason)
      return taken
    },
  }
}
