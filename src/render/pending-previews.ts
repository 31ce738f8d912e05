import type { Event } from '../core/event.ts'
import type { StepPreviewed } from '../core/step-events.ts'

/** What steps would do that a person is about to be asked for. What is done unasked needs no preview. */
export class PendingPreviews {
  readonly #pending = new Map<string, StepPreviewed>()

  take(event: Event): void {
    if (event.type === 'step.previewed') this.#pending.set(keyOf(event), event)
    if (event.type === 'step.applying' || event.type === 'step.finished') this.#pending.delete(keyOf(event))
  }

  /** Each is given once. */
  release(): readonly StepPreviewed[] {
    const all = [...this.#pending.values()]
    this.#pending.clear()
    return all
  }
}

function keyOf({ host, step }: { readonly host: string; readonly step: string }): string {
  return `${host}\n${step}`
}
