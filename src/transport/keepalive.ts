import type { Duplex } from 'node:stream'

/**
 * Tells when a connection that is asked for a sign of life every `seconds` has given none for `count` times as long.
 * Any byte counts: on a slow line the answer to a question waits behind what was sent before it.
 */
export function watchLife(
  stream: Duplex,
  {
    seconds,
    count,
    onSilence,
  }: { readonly seconds: number; readonly count: number; readonly onSilence: (seconds: number) => void },
): { stop(): void } {
  let silent = 0
  const onData = () => {
    silent = 0
  }
  stream.on('data', onData)
  const timer = setInterval(() => {
    silent++
    // The first interval may end just before the question is sent
    if (silent <= count) return
    stop()
    onSilence(count * seconds)
  }, seconds * 1000)
  timer.unref()
  const stop = () => {
    clearInterval(timer)
    stream.off('data', onData)
  }
  return { stop }
}
