/** Listens to one output: what comes before the mark is noise of login shells and of sudo, what comes after it is the command's. */
export class Ear {
  readonly #mark: string
  readonly #on: Listeners
  readonly #decoder = new TextDecoder()
  #before: Buffer | undefined = Buffer.alloc(0)
  #noise = ''

  constructor(mark: string, on: Listeners) {
    this.#mark = mark
    this.#on = on
  }

  /** The end of what came before the mark. */
  get noise(): string {
    return this.#noise
  }

  /** Resolves with what of it the command has said. */
  async hear(chunk: Uint8Array): Promise<Uint8Array> {
    if (this.#before === undefined) return chunk
    this.#before = Buffer.concat([this.#before, chunk])
    const at = this.#before.indexOf(this.#mark)
    const end = at === -1 ? -1 : this.#before.indexOf('\n', at)
    if (end === -1) {
      this.#before = this.#before.subarray(-most)
      this.#noise = (this.#noise + this.#decoder.decode(chunk, { stream: true })).slice(-most)
      await this.#on.onNoise(this.#noise)
      return nothing
    }
    const words = this.#before
      .subarray(at + this.#mark.length, end)
      .toString()
      .trim()
    const rest = this.#before.subarray(end + 1)
    this.#before = undefined
    this.#on.onMark(words)
    return rest
  }
}

interface Listeners {
  readonly onNoise: (noise: string) => Promise<void>
  readonly onMark: (words: string) => void
}

const most = 16_384
const nothing = new Uint8Array()
