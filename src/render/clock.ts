/** The time, and a beat to draw by. */
export interface Clock {
  /** Milliseconds since some moment. */
  now(): number
  /** Calls `tick` again and again until the returned function is called. Keeps no process alive. */
  every(milliseconds: number, tick: () => void): () => void
}

export const wallClock: Clock = {
  now: () => performance.now(),
  every(milliseconds, tick) {
    const timer = setInterval(tick, milliseconds)
    timer.unref()
    return () => clearInterval(timer)
  },
}
