import { connect } from 'node:net'
import { keyTypeOf } from '../known-hosts.ts'
import { fieldsOf, framed, unframing } from './packets.ts'

/** The types of the keys that an agent holds, those too that the library does not know; none where no agent answers. */
export function agentKeyTypes(socketPath: string, signal: AbortSignal): Promise<readonly string[]> {
  const socket = connect(socketPath)
  const read = unframing()
  return new Promise((resolve) => {
    const end = (types: readonly string[]) => {
      resolve(types)
      socket.destroy()
    }
    AbortSignal.any([signal, AbortSignal.timeout(2000)]).addEventListener('abort', () => end([]), { once: true })
    socket.on('error', () => end([]))
    socket.on('close', () => end([]))
    socket.on('data', (chunk) => {
      try {
        const [answer] = read(chunk)
        if (answer) end(typesIn(answer))
      } catch {
        end([])
      }
    })
    socket.write(framed(Buffer.of(listKeys)))
  })
}

const listKeys = 11
const keyList = 12

function typesIn(answer: Buffer): readonly string[] {
  if (answer[0] !== keyList) return []
  const fields = fieldsOf(answer, 1)
  const count = fields.number()
  const types: string[] = []
  for (let at = 0; at < count; at++) {
    types.push(keyTypeOf(fields.bytes()))
    fields.bytes()
  }
  return types
}
