import { TasksError } from '../../core/errors.ts'

/** No reply is longer, with what a machine said of it. */
const longest = 8192

/** Reads what a transfer's host says: replies on lines of their own that begin with the marker, and the bytes between two of them. */
export class ReplyReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #start: Buffer
  #held: Buffer = Buffer.alloc(0)
  #isEnded = false

  constructor(output: AsyncIterable<Uint8Array>, marker: string) {
    this.#chunks = output[Symbol.asyncIterator]()
    this.#start = Buffer.from(`\n${marker} `)
  }

  /** The words of the next reply; what stands before it is noise of a login, and dropped. Undefined when the output ends without one. */
  async reply(): Promise<readonly string[] | undefined> {
    while (true) {
      const at = this.#find()
      const end = at === -1 ? -1 : this.#held.indexOf('\n', at + 1)
      if (end !== -1) {
        const words = this.#held.toString('utf8', at + this.#start.length, end).split(' ')
        this.#held = this.#held.subarray(end + 1)
        return words
      }
      if (at === -1) this.#held = this.#held.subarray(Math.max(0, this.#held.length - this.#start.length))
      else if (this.#held.length - at > longest) throw unreadable()
      if (!(await this.#more())) return undefined
    }
  }

  /** The bytes up to the last reply, which comes right before the output ends, and is given back by `reply` then. */
  async *data(): AsyncGenerator<Uint8Array, void> {
    do {
      const whole = this.#held.length - longest
      if (whole <= 0) continue
      yield this.#held.subarray(0, whole)
      this.#held = this.#held.subarray(whole)
    } while (await this.#more())
    const at = this.#held.lastIndexOf(this.#start)
    if (at === -1) return
    yield this.#held.subarray(0, at)
    this.#held = this.#held.subarray(at)
  }

  /** What is said behind a reply, to the end: what a machine had to say. */
  async words(): Promise<string> {
    while (this.#held.length < longest && (await this.#more()));
    return this.#held.toString('utf8').trim()
  }

  /** Lets go of what else comes. */
  async leave(): Promise<void> {
    await this.#chunks.return?.()
  }

  #find(): number {
    return this.#held.indexOf(this.#start)
  }

  async #more(): Promise<boolean> {
    if (this.#isEnded) return false
    const next = await this.#chunks.next()
    this.#isEnded = next.done === true
    if (next.done) return false
    this.#held = this.#held.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.#held, next.value])
    return true
  }
}

function unreadable(): TasksError {
  return new TasksError({
    code: 'failed',
    message: 'Cannot read what the host says of a transfer: a line of it does not end.',
  })
}
