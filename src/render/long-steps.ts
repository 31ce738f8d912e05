import type { Clock } from './clock.ts'
import type { Progress, StepProgress } from './progress.ts'

/** Milliseconds of silence after which a log is told that a step is still at work; after each time, twice as many. */
const patience = 10_000

/** Watches steps that take long, for renderers that show nothing while they do. */
export class LongSteps {
  readonly #stop: () => void
  readonly #next = new Map<StepProgress, number>()

  constructor(progress: Progress, clock: Clock, tell: (step: StepProgress, elapsed: number) => void) {
    this.#stop = clock.every(patience, () => {
      for (const step of running(progress)) this.#look(step, clock.now() - (step.startedAt ?? clock.now()), tell)
    })
  }

  end(): void {
    this.#stop()
  }

  #look(step: StepProgress, elapsed: number, tell: (step: StepProgress, elapsed: number) => void): void {
    const next = this.#next.get(step) ?? patience
    if (elapsed < next) return
    this.#next.set(step, next * 2)
    tell(step, elapsed)
  }
}

function running({ hosts }: Progress): readonly StepProgress[] {
  return [...hosts.values()].flatMap(({ tasks }) =>
    [...tasks.values()].flatMap(({ steps }) =>
      [...steps.values()].filter((step) => step.startedAt !== undefined && step.finished === undefined),
    ),
  )
}
