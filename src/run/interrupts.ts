import type { Channel } from '../core/connection.ts'
import { TasksError } from '../core/errors.ts'

export interface Interrupts {
  /** Somebody on the host listens now: what the person has said so far is passed on, and what they say from now on. */
  readonly begin: () => void
  /** Rejects when the person wants an end before anybody there listens. */
  readonly givenUp: Promise<never>
  readonly letGo: () => void
}

interface Person {
  readonly host: string
  readonly stop: AbortSignal
  readonly kill: AbortSignal
}

/** Before the program listens, a word of ours would be taken for a password, or for a part of a file. */
export function passOnInterrupts(channel: Channel, { stop, kill, host }: Person): Interrupts {
  let hasBegun = false
  const done = new AbortController()
  const heard = new Set<string>()
  let giveUp = () => {}
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = () => reject(interrupted(host))
  })
  givenUp.catch(() => {})
  const tell = () => {
    for (const [word, signal] of [
      ['stop', stop],
      ['kill', kill],
    ] as const) {
      if (!signal.aborted || heard.has(word)) continue
      if (hasBegun) void channel.write(`${word}\n`)
      else if (word === 'kill') giveUp()
      if (hasBegun) heard.add(word)
    }
  }
  for (const signal of [stop, kill]) signal.addEventListener('abort', tell, { signal: done.signal })
  const begin = () => {
    hasBegun = true
    tell()
  }
  return { begin, givenUp, letGo: () => done.abort() }
}

export function interrupted(host: string): TasksError {
  return new TasksError({
    code: 'interrupted',
    message: `The run on "${host}" was interrupted before it began.`,
    hint: 'run the same command again',
  })
}
