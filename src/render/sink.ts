export type Side = 'stdout' | 'stderr'
type Streams = Readonly<Record<Side, NodeJS.WritableStream>>

/** The two streams, written in order. A reader that has gone away (`| head`) ends its own stream quietly, and the other goes on. */
export class Sink {
  readonly #streams: Streams
  readonly #broken = new Map<NodeJS.WritableStream, Error>()
  #held: (() => void)[] | undefined
  #last: Readonly<Record<Side, Promise<void>>> = { stdout: Promise.resolve(), stderr: Promise.resolve() }

  constructor(streams: Streams) {
    this.#streams = streams
    for (const stream of new Set([streams.stdout, streams.stderr])) {
      stream.on('error', (error: Error) => this.#broken.set(stream, error))
    }
  }

  write(side: Side, text: string): void {
    if (this.#held === undefined) this.#writeNow(side, text)
    else this.#held.push(() => this.#writeNow(side, text))
  }

  /** Keeps what is written from now on, until `release`: somebody else has the terminal. */
  hold(): void {
    this.#held ??= []
  }

  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const write of held) write()
  }

  writeLines(side: Side, lines: readonly string[]): void {
    this.write(side, lines.map((line) => `${line}\n`).join(''))
  }

  /** Resolves when all that was written was taken. Rejects when a stream broke for another reason than that nobody reads it. */
  async flush(): Promise<void> {
    await Promise.all([this.#last.stdout, this.#last.stderr])
    for (const error of this.#broken.values()) if (!isGone(error)) throw error
  }

  #writeNow(side: Side, text: string): void {
    const stream = this.#streams[side]
    if (text === '' || this.#broken.has(stream)) return
    const taken = new Promise<void>((resolve) => stream.write(text, () => resolve()))
    this.#last = { ...this.#last, [side]: taken }
  }
}

function isGone(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED' || error.code === 'EOF')
}
