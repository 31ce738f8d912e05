/** A time limit that stands still while a person is asked. */
export interface Deadline {
  readonly seconds: number
  /** Aborts when the time is over. */
  readonly signal: AbortSignal
  /** Does work that may take as long as it takes; afterwards the time starts anew. */
  hold<T>(work: () => Promise<T>): Promise<T>
  stop(): void
}

export function startDeadline(seconds: number): Deadline {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  const start = () => {
    clearTimeout(timer)
    // A person may answer after everything is over
    if (!isStopped) timer = setTimeout(() => controller.abort(), seconds * 1000)
  }
  start()
  return {
    seconds,
    signal: controller.signal,
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
    async hold(work) {
      clearTimeout(timer)
      try {
        return await work()
      } finally {
        start()
      }
    },
  }
}

/** A question during which the time stands still. */
export function held<Words extends readonly unknown[], T>(
  ask: ((...words: Words) => Promise<T>) | undefined,
  deadline: Deadline,
): ((...words: Words) => Promise<T>) | undefined {
  return ask && ((...words) => deadline.hold(() => ask(...words)))
}
