export interface Signals {
  /** Aborted by the first Ctrl-C. */
  readonly stop: AbortSignal
  /** Aborted by the second. */
  readonly kill: AbortSignal
  /** What a Ctrl-C does, for those who read the keyboard themselves. */
  readonly interrupt: () => void
  /** Gives the signals back to the process. */
  readonly release: () => void
}

/** Ctrl-C as a run understands it; `say` tells the person what it did. A third one is `quit`: nothing is waited for. */
export function listenForSignals({
  say,
  quit,
}: {
  readonly say: (message: string) => void
  readonly quit: () => void
}): Signals {
  const stop = new AbortController()
  const kill = new AbortController()
  const interrupt = (): void => {
    if (kill.signal.aborted) quit()
    else if (stop.signal.aborted) {
      say('Ending the step now.')
      kill.abort()
    } else {
      say('Stopping after this step. Press Ctrl-C again to end the step, too.')
      stop.abort()
    }
  }
  const names = ['SIGINT', 'SIGTERM'] as const
  for (const name of names) process.on(name, interrupt)
  const release = (): void => {
    for (const name of names) process.off(name, interrupt)
  }
  return { stop: stop.signal, kill: kill.signal, interrupt, release }
}
