import { setTimeout as wait } from 'node:timers/promises'
import type { Begun } from '../../program/command.ts'
import { endThere } from './ending.ts'
import type { Machine } from './machine.ts'

/** Why a command is ended before its time. */
export type Reason =
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'timeout'; readonly seconds: number }
  | { readonly kind: 'refused'; readonly pattern: RegExp }
  | { readonly kind: 'input'; readonly error: unknown }

/** What a running command is held by: it is ended on its host, and let go of if that does not help. */
export class Reins {
  readonly #machine: Machine
  readonly #as: string | undefined
  readonly #letGo = new AbortController()
  readonly #over = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #isSent = false
  #begin: (begun: Begun) => void = () => {}
  readonly #begun = new Promise<Begun>((resolve) => {
    this.#begin = resolve
  })
  #ending: Promise<string | undefined> = Promise.resolve(undefined)
  #reason: Reason | undefined

  constructor(machine: Machine, as: string | undefined) {
    this.#machine = machine
    this.#as = as
    machine.kill.addEventListener('abort', () => this.pull({ kind: 'interrupted' }), { signal: this.#over.signal })
  }

  /** Aborted once nothing more is expected of it. */
  get letGo(): AbortSignal {
    return this.#letGo.signal
  }

  get reason(): Reason | undefined {
    return this.#reason
  }

  /** Resolves once it was given up before it was sent: then a person may still be asked for something, in vain. */
  givenUp(): Promise<'given up'> {
    return new Promise((resolve) => {
      this.letGo.addEventListener('abort', () => {
        if (!this.#isSent) resolve('given up')
      })
    })
  }

  sent(seconds: number | undefined): void {
    this.#isSent = true
    if (seconds === undefined || seconds > longestTimer) return
    this.#timer = setTimeout(() => this.pull({ kind: 'timeout', seconds }), seconds * 1000)
  }

  begun(begun: Begun): void {
    this.#begin(begun)
  }

  pull(reason: Reason): void {
    if (this.#reason !== undefined || this.#over.signal.aborted) return
    this.#reason = reason
    this.#ending = this.#end()
  }

  /** It has ended; resolves with why it cannot be said to have ended where it was to be ended. */
  async over(): Promise<string | undefined> {
    clearTimeout(this.#timer)
    this.#over.abort()
    return await this.#ending
  }

  async #end(): Promise<string | undefined> {
    const begun = this.#isSent ? await Promise.race([this.#begun, this.#pause(5000)]) : undefined
    const survived = begun ? await endThere(this.#machine, begun, this.#as) : notBegun(this.#isSent)
    // What it has left may keep its outputs open for ever.
    if (survived === undefined) await this.#pause(1000)
    this.#letGo.abort()
    return survived
  }

  async #pause(milliseconds: number): Promise<undefined> {
    await wait(milliseconds, undefined, { signal: this.#over.signal }).catch(() => {})
  }
}

/** Seconds; a timer of node's that is longer ends at once. */
const longestTimer = 2_147_483

function notBegun(isSent: boolean): string | undefined {
  return isSent ? 'its host has not told that it began' : undefined
}
