import { access, readFile } from 'node:fs/promises'
import { knownKeys } from '../host-key.ts'
import { keyTypeOf } from '../known-hosts.ts'
import { publicHalf } from '../public-half.ts'
import type { Stop } from '../route.ts'
import type { SshSettings } from '../ssh-config.ts'
import { agentKeyTypes } from './agent-key-types.ts'

/** Why this machine's `ssh` must carry a connection, to follow "because"; undefined where the library can. */
export async function whyOpenssh(stops: readonly Stop[], signal: AbortSignal): Promise<string | undefined> {
  for (const { name, settings } of stops) {
    if (!settings.hasSsh) return undefined
    const reason =
      settings.beyondLibrary[0] ?? (await reasonInFiles(settings, name)) ?? (await reasonInAgent(settings, signal))
    if (reason !== undefined) return stops.length === 1 ? reason : `${reason} for "${name}"`
  }
  return undefined
}

async function reasonInFiles(settings: SshSettings, name: string): Promise<string | undefined> {
  const found = await Promise.all([...settings.identityFiles.map(reasonInKey), reasonInKnownHosts(settings, name)])
  return found.find((reason) => reason !== undefined)
}

/** A certificate beside a key is offered by `ssh` without being named. */
async function reasonInKey(file: string): Promise<string | undefined> {
  const [certificate, type] = await Promise.all([exists(`${file}-cert.pub`), keyType(file)])
  if (certificate) return `${file}-cert.pub is a certificate`
  return type.startsWith('sk-') ? `${file} is a security key` : undefined
}

async function reasonInKnownHosts(settings: SshSettings, name: string): Promise<string | undefined> {
  const [authority] = (await knownKeys(settings, name, undefined)).authorities
  return authority && `${authority.file} trusts an authority for host keys`
}

/** With IdentitiesOnly the agent signs for files alone, and those were looked at. */
async function reasonInAgent({ identityAgent, identitiesOnly }: SshSettings, signal: AbortSignal) {
  if (identityAgent === undefined || identitiesOnly) return undefined
  const types = await agentKeyTypes(identityAgent, signal)
  if (types.some((type) => /-cert-v\d+@/.test(type))) return 'the agent holds a certificate'
  return types.some((type) => type.startsWith('sk-')) ? 'the agent holds a security key' : undefined
}

async function keyType(file: string): Promise<string> {
  const text = await readFile(file).catch(() => undefined)
  if (text === undefined) return ''
  const half = publicHalf(text)
  if (half !== undefined) return keyTypeOf(half)
  // A public key alone, whose secret half is on a token or in an agent
  return text.toString('latin1', 0, 60).split(' ')[0] ?? ''
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  )
}
