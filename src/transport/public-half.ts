/** The public key, in wire format, that a private key file in OpenSSH's own format holds in the clear: after magic, cipher, kdf, its options and a count. */
export function publicHalf(text: Buffer): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text.toString('latin1'))?.[1]
  if (body === undefined) return undefined
  const bytes = Buffer.from(body, 'base64')
  const magic = 'openssh-key-v1\0'.length
  const skip = (at: number) => at + 4 + bytes.readUInt32BE(at)
  try {
    const at = skip(skip(skip(magic))) + 4
    return bytes.subarray(at + 4, skip(at))
  } catch {
    return undefined
  }
}
