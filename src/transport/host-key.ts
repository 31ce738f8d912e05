import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Ask } from '../core/ask.ts'
import { TasksError } from '../core/errors.ts'
import {
  fingerprint,
  type KnownKey,
  keyTypeOf,
  knownHostsLine,
  knownName,
  matchesHost,
  parseKnownHosts,
} from './known-hosts.ts'
import { type Place, shown } from './refusals.ts'
import type { SshSettings } from './ssh-config.ts'

export interface HostKeys {
  /** The types that known_hosts holds for this host. */
  readonly types: readonly string[]
  /** The keys that may sign its key. */
  readonly authorities: readonly KnownKey[]
  /** Resolves when the key may be trusted; rejects with a TasksError when it may not. */
  check(key: Buffer, place: Place): Promise<void>
}

type AskHostKey = Ask['acceptHostKey'] | undefined

/** Reads the known_hosts files of a host. */
export async function knownKeys(settings: SshSettings, host: string, ask: AskHostKey): Promise<HostKeys> {
  const files = [...settings.userKnownHosts, ...settings.globalKnownHosts]
  const lines = (await Promise.all(files.map(readKnownHosts))).flat()
  const all = lines.filter(({ isAuthority }) => !isAuthority)
  const name = knownName(settings.hostKeyAlias ?? settings.hostname, settings.hostKeyAlias ? 22 : settings.port)
  const mine = all.filter(({ hosts }) => matchesHost(hosts, name))
  const good = mine.filter(({ isRevoked }) => !isRevoked)
  // OpenSSH also takes a key that is known for the host on port 22
  const portless = name.startsWith('[') ? all.filter(({ hosts }) => matchesHost(hosts, settings.hostname)) : []
  return {
    authorities: lines.filter(
      ({ isAuthority, hosts }) => isAuthority && (matchesHost(hosts, name) || matchesHost(hosts, settings.hostname)),
    ),
    types: [...new Set([...good, ...portless].map(({ type }) => type))],
    async check(key, place) {
      const isSame = (known: KnownKey) => known.key.equals(key)
      if ([...mine, ...portless].some((known) => known.isRevoked && isSame(known))) throw revoked(place, key)
      if (good.some(isSame)) return
      const other = good.find(({ type }) => type === keyTypeOf(key))
      if (other) throw changed(place, { key, other, name })
      if (portless.some((known) => !known.isRevoked && isSame(known))) return
      if (!(await isAccepted({ settings, host, ask }, key, place)))
        throw unknown(place, { key, settings, isAsked: !!ask })
      await remember(settings, name, key)
    },
  }
}

async function isAccepted(
  { settings, host, ask }: { readonly settings: SshSettings; readonly host: string; readonly ask: AskHostKey },
  key: Buffer,
  { address, port }: Place,
): Promise<boolean> {
  const strictness = settings.strictHostKeyChecking
  if (strictness !== 'ask') return strictness !== 'yes'
  return (await ask?.({ host, address, port, keyType: keyTypeOf(key), fingerprint: fingerprint(key) })) ?? false
}

async function readKnownHosts(file: string): Promise<readonly KnownKey[]> {
  try {
    return parseKnownHosts(await readFile(file, 'utf8'), file)
  } catch {
    // As OpenSSH: a file that is absent or unreadable knows no host
    return []
  }
}

/** One write to the end, so that two programs that learn hosts at once keep both lines whole. */
async function remember(settings: SshSettings, name: string, key: Buffer): Promise<void> {
  const [path] = settings.userKnownHosts
  if (path === undefined || path === '/dev/null') return
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(path, 'a+', 0o600)
    try {
      const { size } = await file.stat()
      const last = size === 0 ? '\n' : (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString()
      await file.write(`${last === '\n' ? '' : '\n'}${knownHostsLine(name, key, settings.hashKnownHosts)}`)
    } finally {
      await file.close()
    }
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'
    throw new TasksError({
      code: 'failed',
      message: `Cannot remember the host key of "${name}" in "${path}": ${reason}.`,
      hint: `make ${path} writable`,
      cause,
    })
  }
}

function unknown(
  place: Place,
  { key, settings, isAsked }: { readonly key: Buffer; readonly settings: SshSettings; readonly isAsked: boolean },
): TasksError {
  const because = isAsked && settings.strictHostKeyChecking === 'ask' ? 'was not accepted' : 'is not in known_hosts'
  const command = ['ssh', ...settings.givenFlags, `${settings.user}@${place.name}`, 'true'].join(' ')
  return new TasksError({
    code: 'refused',
    message: `Cannot trust ${shown(place)}: its host key ${fingerprint(key)} (${keyTypeOf(key)}) ${because}.`,
    hint: `compare it with your provider's console, then accept it once with: ${command}`,
  })
}

function changed(
  place: Place,
  { key, other, name }: { readonly key: Buffer; readonly other: KnownKey; readonly name: string },
): TasksError {
  return new TasksError({
    code: 'refused',
    message: `Cannot reach ${shown(place)}: its host key changed since last time.`,
    hint:
      `it is now ${fingerprint(key)} (${other.type}), and another in ${other.file}:${other.line}; ` +
      `compare it with your provider's console, then run: ssh-keygen -R ${quoteName(name)} -f ${other.file}`,
  })
}

function revoked(place: Place, key: Buffer): TasksError {
  return new TasksError({
    code: 'refused',
    message: `Cannot reach ${shown(place)}: its host key ${fingerprint(key)} is marked as revoked in known_hosts.`,
    hint: 'give the host a new key; do not trust this one',
  })
}

function quoteName(name: string): string {
  return name.startsWith('[') ? `'${name}'` : name
}
