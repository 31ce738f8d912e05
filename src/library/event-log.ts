import type { Event } from '../core/event.ts'

/** The events of a run, for as many readers as there are, each at its own pace. */
export class EventLog {
  readonly #events: Event[] = []
  #waiting: (() => void)[] = []
  #end: Promise<unknown> | undefined

  readonly take = (event: Event): void => {
    this.#events.push(event)
    this.#wake()
  }

  /** No more come once that has settled; what it rejects with, readers get last. */
  endWith(work: Promise<unknown>): void {
    const end = () => {
      this.#end = work
      this.#wake()
    }
    work.then(end, end)
  }

  /** All events from the first on. */
  async *read(): AsyncGenerator<Event, void> {
    for (let at = 0; ; at++) {
      while (at >= this.#events.length && this.#end === undefined) await this.#next()
      const event = this.#events[at]
      if (event === undefined) break
      yield event
    }
    await this.#end
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const go of waiting) go()
  }
}
