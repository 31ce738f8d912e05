import { keyTypeOf } from '../known-hosts.ts'
import { fieldsOf, message } from './packets.ts'

/** What a certificate, in wire format, certifies, and by whose key; undefined for what is none. */
export function readCertificate(blob: Buffer): { readonly key: Buffer; readonly authority: Buffer } | undefined {
  const type = keyTypeOf(blob)
  const plainType = type.replace(/-cert-v\d+@/, '@').replace(/^(?!sk-)(.*)@openssh\.com$/, '$1')
  const count = keyFields[plainType.replace(/^ecdsa-sha2-nistp\d+$/, 'ecdsa')]
  if (count === undefined || plainType === type) return undefined
  try {
    const fields = fieldsOf(blob, 0)
    const next = (times: number) => Array.from({ length: times }, () => fields.bytes())
    // Its type, and a nonce
    next(2)
    const key = message(plainType, ...next(count).flatMap((field) => [field.length, field]))
    // A serial number of 64 bits, the kind of certificate
    for (let words = 0; words < 3; words++) fields.number()
    // Its name, and for whom
    next(2)
    // From when, until when
    for (let words = 0; words < 4; words++) fields.number()
    // Options, extensions, a reserved field
    next(3)
    return { key, authority: fields.bytes() }
  } catch {
    return undefined
  }
}

/** How many fields follow the type in a key of each type. */
const keyFields: Readonly<Record<string, number>> = {
  'ssh-ed25519': 1,
  ecdsa: 2,
  'ssh-rsa': 2,
  'sk-ssh-ed25519@openssh.com': 2,
  'sk-ecdsa-sha2-nistp256@openssh.com': 3,
}
