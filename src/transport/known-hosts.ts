import { createHash, createHmac, randomBytes } from 'node:crypto'

/** One line of a known_hosts file that names a key. */
export interface KnownKey {
  readonly file: string
  readonly line: number
  readonly hosts: string
  readonly isRevoked: boolean
  /** It is no host's key: it signs those of the hosts. */
  readonly isAuthority: boolean
  readonly type: string
  readonly key: Buffer
}

/** The keys of a known_hosts file. Lines that OpenSSH would skip are skipped. */
export function parseKnownHosts(text: string, file: string): readonly KnownKey[] {
  return text.split('\n').flatMap((line, index) => {
    const found = /^[ \t]*(?:(@\S+)[ \t]+)?([^@#\s]\S*)[ \t]+([a-z]\S*)[ \t]+([A-Za-z0-9+/]+={0,2})(?:\s|$)/.exec(line)
    if (!found) return []
    const [, marker, hosts = '', type = '', base64 = ''] = found
    if (marker !== undefined && marker !== '@revoked' && marker !== '@cert-authority') return []
    const key = Buffer.from(base64, 'base64')
    if (keyTypeOf(key) !== type) return []
    const marks = { isRevoked: marker === '@revoked', isAuthority: marker === '@cert-authority' }
    return [{ file, line: index + 1, hosts, ...marks, type, key }]
  })
}

/** The name that known_hosts knows a host by: bare on port 22, else `[host]:port`. */
export function knownName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`
}

/** Whether the host list of a line (hashed, or patterns with `*`, `?` and `!`) means this name. */
export function matchesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return matchesHash(hosts, name)
  let isMatched = false
  for (const pattern of hosts.toLowerCase().split(',')) {
    const isNegated = pattern.startsWith('!')
    if (!globMatches(isNegated ? pattern.slice(1) : pattern, name.toLowerCase())) continue
    if (isNegated) return false
    isMatched = true
  }
  return isMatched
}

/** A line for known_hosts, with its newline. */
export function knownHostsLine(name: string, key: Buffer, isHashed: boolean): string {
  return `${isHashed ? hashed(name, randomBytes(20)) : name} ${keyTypeOf(key)} ${key.toString('base64')}\n`
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** The type that a public key in wire format says it is; empty for what is no key. */
export function keyTypeOf(key: Buffer): string {
  if (key.length < 4) return ''
  const length = key.readUInt32BE(0)
  return length > 64 || length > key.length - 4 ? '' : key.toString('latin1', 4, 4 + length)
}

function hashed(name: string, salt: Buffer): string {
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

function matchesHash(hosts: string, name: string): boolean {
  const [, version, salt, , rest] = hosts.split('|')
  if (version !== '1' || !salt || rest !== undefined) return false
  return hashed(name, Buffer.from(salt, 'base64')) === hosts
}

/** Steps back to the last star only, so that no pattern can take long. */
function globMatches(pattern: string, text: string): boolean {
  let at = 0
  let star = -1
  let mark = 0
  let index = 0
  while (index < text.length) {
    if (pattern[at] === '*') {
      star = at++
      mark = index
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[index])) {
      at++
      index++
    } else if (star >= 0) {
      at = star + 1
      index = ++mark
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
