/** One field of an SSH message: a number of 32 bits, a text with its length, or bytes as they are. */
export type Field = number | string | Uint8Array

/** Puts fields one after the other. A byte alone is a `Uint8Array` of one. */
export function message(...fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.map(fieldBytes))
}

/** A message with its length before it, as it crosses the socket. */
export function framed(body: Uint8Array): Buffer {
  return Buffer.concat([number(body.length), body])
}

/** Cuts a stream of bytes into the messages that stand in it, each behind its length. Throws a RangeError for one that is too long. */
export function unframing(): (chunk: Uint8Array) => readonly Buffer[] {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    const found: Buffer[] = []
    let at = 0
    while (rest.length - at >= 4) {
      const length = rest.readUInt32BE(at)
      if (length > longest) throw new RangeError('an SSH message is too long')
      if (length > rest.length - at - 4) break
      found.push(rest.subarray(at + 4, at + 4 + length))
      at += 4 + length
    }
    rest = rest.subarray(at)
    return found
  }
}

/** OpenSSH itself takes a packet of 256 KiB at most. */
const longest = 1 << 19

/** The fields of a message, read in their order; of one that is too short, reading throws a RangeError. */
export interface Fields {
  number(): number
  flag(): boolean
  bytes(): Buffer
  text(): string
}

export function fieldsOf(body: Buffer, from: number): Fields {
  let at = from
  const bytes = () => {
    const length = body.readUInt32BE(at)
    if (length > body.length - at - 4) throw new RangeError('an SSH message ends within a text')
    at += 4 + length
    return body.subarray(at - length, at)
  }
  return {
    number() {
      at += 4
      return body.readUInt32BE(at - 4)
    },
    flag() {
      return body.readUInt8(at++) !== 0
    },
    bytes,
    text: () => bytes().toString(),
  }
}

function fieldBytes(field: Field): Uint8Array {
  if (typeof field === 'number') return number(field)
  return typeof field === 'string' ? framed(Buffer.from(field)) : field
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
