import type { Readable } from 'node:stream'

/** One output of a command: read it once, with `for await`; leaving the loop early discards the rest, and lets the command go on. */
export interface Output extends AsyncIterable<Uint8Array> {
  /** Resolves when the source has ended and all of it is here, read or not. */
  readonly ended: Promise<void>
  /** Takes what is still in the source, however much, because nothing more will come. */
  flush(): void
  /** Ends here and now. */
  cut(): void
}

const most = 1 << 20

/** Holds up to a mebibyte unread, so that an output that nobody reads does not at once stop the other, then stops the source. */
export function outputOf(source: Readable): Output {
  const chunks: Uint8Array[] = []
  let held = 0
  let limit = most
  let isOver = false
  let isDiscarded = false
  let wake = () => {}
  let finish = () => {}
  const ended = new Promise<void>((resolve) => {
    finish = () => {
      isOver = true
      resolve()
      wake()
    }
  })

  source.on('data', (chunk: Uint8Array) => {
    if (isDiscarded || isOver) return
    chunks.push(chunk)
    held += chunk.length
    if (held >= limit) source.pause()
    wake()
  })
  for (const event of ['end', 'close', 'error']) source.once(event, finish)

  const release = () => {
    if (source.isPaused()) source.resume()
  }
  async function* read(): AsyncGenerator<Uint8Array, void> {
    try {
      while (true) {
        const chunk = chunks.shift()
        if (chunk !== undefined) {
          held -= chunk.length
          if (held < limit) release()
          yield chunk
        } else if (isOver) return
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      isDiscarded = true
      chunks.length = 0
      release()
    }
  }
  return {
    ended,
    flush() {
      limit = Number.POSITIVE_INFINITY
      release()
    },
    cut: finish,
    [Symbol.asyncIterator]: read,
  }
}
