import { readFile } from 'node:fs/promises'
// CommonJS: only its default export holds `utils` at run time
import ssh2, { type ParsedKey } from 'ssh2'
import type { Ask } from '../core/ask.ts'
import type { Identity } from './identity.ts'
import { publicHalf } from './public-half.ts'

export type AskPassphrase = Ask['passphrase'] | undefined

export interface KeyFile extends Identity {
  readonly kind: 'file'
  readonly isLocked: boolean
  /** False for a public key alone: only an agent can use it. */
  readonly canSign: boolean
}

/** Reads a private key, or a public one, and what can be known of it without its passphrase. */
export async function readKeyFile(file: string, ask: AskPassphrase): Promise<KeyFile | 'absent' | 'unsupported'> {
  const text = await readFile(file).catch(() => undefined)
  if (text === undefined) return 'absent'
  const parsed = parse(text)
  if (parsed instanceof Error)
    return /encrypted|passphrase/i.test(parsed.message) ? lockedKey(file, text, ask) : 'unsupported'
  const blob = parsed.getPublicSSH()
  return {
    kind: 'file',
    label: file,
    isLocked: false,
    isAtHand: parsed.isPrivateKey(),
    canSign: parsed.isPrivateKey(),
    knownPublicKey: blob,
    publicKey: () => Promise.resolve(blob),
    sign: (data, hash) => signWith(parsed, data, hash),
  }
}

async function lockedKey(file: string, text: Buffer, ask: AskPassphrase): Promise<KeyFile> {
  const knownPublicKey = publicHalf(text) ?? (await publicFile(`${file}.pub`))
  let opened: Promise<ParsedKey> | undefined
  const open = () => (opened ??= unlock(file, text, ask))
  return {
    kind: 'file',
    label: file,
    isLocked: true,
    isAtHand: false,
    canSign: ask !== undefined,
    knownPublicKey,
    publicKey: async () => knownPublicKey ?? (await open()).getPublicSSH(),
    sign: async (data, hash) => signWith(await open(), data, hash),
  }
}

/** Asks up to three times, as OpenSSH does. */
async function unlock(file: string, text: Buffer, ask: AskPassphrase): Promise<ParsedKey> {
  for (let tries = 0; ask && tries < 3; tries++) {
    const passphrase = await ask(file)
    const key = passphrase === '' ? undefined : parse(text, passphrase)
    if (key && !(key instanceof Error)) return key
  }
  throw new Error(`the passphrase of ${file} was not given`)
}

function parse(text: Buffer, passphrase?: string): ParsedKey | Error {
  const parsed: unknown = ssh2.utils.parseKey(text, passphrase)
  // For some formats the library gives a list of one, which its types do not tell
  return (Array.isArray(parsed) ? parsed[0] : parsed) as ParsedKey | Error
}

async function signWith(key: ParsedKey, data: Buffer, hash: string | undefined): Promise<Buffer> {
  const signature: Buffer | Error = key.sign(data, hash)
  if (signature instanceof Error) throw signature
  return signature
}

async function publicFile(file: string): Promise<Buffer | undefined> {
  const key = await readFile(file).then(parse, () => undefined)
  return key === undefined || key instanceof Error ? undefined : key.getPublicSSH()
}
