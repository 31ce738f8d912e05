/** Listens for Ctrl-C. One is enough where it stops nothing but the following of a run. */
export function listenForLeave() {
  const leave = new AbortController()
  const interrupt = () => leave.abort()
  const names = ['SIGINT', 'SIGTERM'] as const
  for (const name of names) process.on(name, interrupt)
  const release = () => {
    for (const name of names) process.off(name, interrupt)
  }
  return { signal: leave.signal, interrupt, release }
}
