import type { Event } from '../../core/event.ts'
import { type Report, Story } from './story.ts'

/**
 * Finds one run in a stream of events, which may hold several one after the other: the wanted one, or else the last. A run that was told
 * more than once, by each of its hosts, is put together.
 */
export class Runs {
  readonly #wanted: string | undefined
  #story: Story | undefined
  /** What was told before a run began, such as notes about its flags. */
  #before: Event[] = []
  #state: 'between' | 'heard' | 'passed over' = 'between'

  constructor(wanted?: string) {
    this.#wanted = wanted
  }

  take(event: Event): void {
    if (event.type === 'run.started') this.#begin(event.run)
    if (this.#state === 'between') this.#before.push(event)
    if (this.#state === 'heard') this.#story?.take(event)
    if (event.type === 'run.finished') this.#state = 'between'
  }

  /** Nothing where there is no such run. */
  report(): Report | undefined {
    return this.#story?.report()
  }

  #begin(run: string): void {
    const before = this.#before
    this.#before = []
    this.#state = this.#wanted === undefined || this.#wanted === run ? 'heard' : 'passed over'
    if (this.#state === 'passed over') return
    if (this.#story?.run !== run) this.#story = new Story(run)
    for (const event of before) this.#story.take(event)
  }
}
