import type { Mask } from '../mask.ts'

/** One output of a command: kept whole, and told line by line as it comes. */
export class Heard {
  readonly #chunks: Uint8Array[] = []
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  readonly #tell: (lines: string) => void
  readonly #mask: Mask
  #rest = ''

  /** `tell` gets whole lines, masked. */
  constructor(mask: Mask, tell: (lines: string) => void) {
    this.#mask = mask
    this.#tell = tell
  }

  /** Takes what came, and gives it as text, whole characters only. */
  take(bytes: Uint8Array): string {
    this.#chunks.push(bytes)
    const text = this.#decoder.decode(bytes, { stream: true })
    const all = this.#rest + text
    const end = all.lastIndexOf('\n') + 1
    this.#rest = all.slice(end)
    if (end > 0) this.#tell(this.#mask(all.slice(0, end)))
    if (this.#rest.length > longestLine) this.#break()
    return text
  }

  /** What no line feed has ended is told, too. */
  end(): void {
    const rest = this.#rest + this.#decoder.decode()
    this.#rest = ''
    if (rest !== '') this.#tell(this.#mask(rest))
  }

  get text(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(this.#chunks))
  }

  /** The last lines, masked; cut where no hidden text can be cut. */
  lastLines(): string {
    const { text } = this
    const end = text.length > keptOutput ? text.slice(-keptOutput).replace(/^[^\n]*\n?/, '') : text
    const lines = this.#mask(end === '' ? text : end).slice(-keptOutput)
    return lines.trimEnd().split('\n').slice(-shownLines).join('\n').trimStart()
  }

  /** A line without an end is told in pieces, none of which ends within something hidden: that must still be recognised. */
  #break(): void {
    const masked = this.#mask(this.#rest)
    for (let back = 0; back <= longestHidden; back++) {
      const at = this.#rest.length - longestHidden - back
      const start = this.#mask(this.#rest.slice(0, at))
      if (start + this.#mask(this.#rest.slice(at)) !== masked) continue
      this.#tell(start)
      this.#rest = this.#rest.slice(at)
      return
    }
  }
}

const longestLine = 65_536
/** No hidden text is longer: a longer one is looked for in parts. */
const longestHidden = 400
const keptOutput = 16_384
const shownLines = 20
