import { TasksError } from '../../core/errors.ts'

const block = 512
const longestName = 64 * 1024

interface Options {
  /** `Cannot get "/srv/x" from "web1"` */
  readonly cannot: string
  /** The permissions that an entry gets, of those that it has. */
  readonly mode: (mode: number) => number
}

/**
 * Lets an archive through, entry by entry, as long as it can do no harm where it is unpacked: plain files, folders and links, below the
 * folder that they are unpacked in, none of them through a link; no bits that give a stranger's file somebody's rights. Whoever sends it
 * may be hostile. GNU's and the old format, as every tar writes it that is asked for those.
 */
export class TarCheck {
  files = 0
  bytes = 0
  readonly #options: Options
  readonly #links = new Set<string>()
  #isEnded = false

  constructor(options: Options) {
    this.#options = options
  }

  async *through(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    let rest: Buffer = Buffer.alloc(0)
    /** Bytes of an entry's content that are still to come, with those that fill its last block. */
    let left = 0
    let longs: Longs = {}
    for await (const chunk of chunks) {
      if (this.#isEnded) continue
      const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
      let at = Math.min(left, bytes.length)
      left -= at
      while (at + block <= bytes.length && left === 0) {
        const header = bytes.subarray(at, at + block)
        if (header.every((byte) => byte === 0)) {
          this.#isEnded = true
          break
        }
        const entry = this.#read(header)
        if (entry.type === 'L' || entry.type === 'K') {
          const end = at + block + padded(entry.size)
          if (end > bytes.length) break
          longs = { ...longs, [entry.type]: textIn(bytes.subarray(at + block, at + block + entry.size)) }
          at = end
          continue
        }
        this.#look({ ...entry, name: longs.L ?? entry.name, link: longs.K ?? entry.link }, header)
        longs = {}
        at += block
        const size = padded(entry.size)
        const here = Math.min(size, bytes.length - at)
        at += here
        left = size - here
      }
      if (at > 0) yield bytes.subarray(0, at)
      rest = this.#isEnded ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at))
    }
    if (!this.#isEnded) throw this.#broken('it ends in the middle of an entry')
    // What a sender puts behind its end, nobody unpacks
    yield Buffer.alloc(2 * block)
  }

  #read(header: Buffer): Entry {
    if (checksumOf(header) !== numberIn(header, 148, 8)) throw this.#broken('a checksum in it is wrong')
    const type = String.fromCharCode(header[156] || 48)
    const size = numberIn(header, 124, 12)
    if (!Number.isSafeInteger(size) || size < 0) throw this.#broken('an entry has no size')
    const isLong = type === 'L' || type === 'K'
    if (isLong && size > longestName) throw this.#broken('a name in it is too long')
    const isUstar = header.toString('latin1', 257, 263) === 'ustar\0'
    const prefix = isUstar ? textIn(header.subarray(345, 500)) : ''
    const name = textIn(header.subarray(0, 100))
    const hasContent = type === '0' || type === '7' || isLong
    return {
      type,
      size: hasContent ? size : 0,
      name: prefix === '' ? name : `${prefix}/${name}`,
      link: textIn(header.subarray(157, 257)),
    }
  }

  #look({ type, name, link, size }: Entry, header: Buffer): void {
    const path = this.#placeOf(name)
    if (!'0125'.includes(type)) throw this.#odd(name, 'is neither a file, a folder nor a link')
    if (path === '' && type !== '5') throw this.#odd(name, 'is no folder')
    if (type === '1' && this.#links.has(this.#placeOf(link))) throw this.#odd(name, 'leads through a link')
    if (type === '2') this.#links.add(path)
    if (type !== '5') this.files += 1
    this.bytes += size
    if (type !== '2') writeMode(header, this.#options.mode(numberIn(header, 100, 8) & 0o7777))
  }

  /** The path below the folder that all is unpacked in, one character a byte. */
  #placeOf(name: string): string {
    const parts = name.split('/').filter((part) => part !== '' && part !== '.')
    if (name.startsWith('/') || parts.includes('..')) throw this.#odd(name, 'leads out of its folder')
    const isThroughLink = parts.some((_, index) => this.#links.has(parts.slice(0, index + 1).join('/')))
    if (isThroughLink) throw this.#odd(name, 'leads through a link')
    return parts.join('/')
  }

  #odd(name: string, what: string): TasksError {
    const shown = JSON.stringify(Buffer.from(name, 'latin1').toString('utf8'))
    return new TasksError({ code: 'failed', message: `${this.#options.cannot}, because ${shown} in it ${what}.` })
  }

  #broken(why: string): TasksError {
    return new TasksError({
      code: 'failed',
      message: `${this.#options.cannot}, because tar's archive is broken: ${why}.`,
    })
  }
}

interface Entry {
  readonly type: string
  readonly size: number
  readonly name: string
  readonly link: string
}

/** Names that GNU's format sends ahead of their entry, since they are too long for it. */
interface Longs {
  readonly L?: string
  readonly K?: string
}

function padded(size: number): number {
  return Math.ceil(size / block) * block
}

function textIn(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('latin1', 0, end === -1 ? bytes.length : end)
}

/** Octal digits, or GNU's form for what is too large for them. */
function numberIn(header: Buffer, at: number, length: number): number {
  const field = header.subarray(at, at + length)
  if (field[0] === 0x80) return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0)
  const digits = textIn(field).trim()
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN
}

function checksumOf(header: Buffer): number {
  let sum = 0
  for (let at = 0; at < block; at++) sum += at >= 148 && at < 156 ? 32 : (header[at] ?? 0)
  return sum
}

function writeMode(header: Buffer, mode: number): void {
  header.write(`${mode.toString(8).padStart(7, '0')}\0`, 100, 'latin1')
  header.write(`${checksumOf(header).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
}
