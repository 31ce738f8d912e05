import { agentKeys } from './agent-keys.ts'
import type { Identity } from './identity.ts'
import { type AskPassphrase, readKeyFile } from './key-file.ts'
import type { SshSettings } from './ssh-config.ts'

export interface Identities {
  /** In the order in which they are offered. */
  readonly offered: readonly Identity[]
  /** Key files with a passphrase that nobody can be asked for. */
  readonly locked: readonly string[]
  /** Named key files of kinds that the library cannot use. */
  readonly unsupported: readonly string[]
}

/**
 * Finds the keys for a host: first those of an agent that the configuration names, then named files that need no passphrase, the
 * agent's other keys unless IdentitiesOnly, default files, and last the files that need a passphrase.
 */
export async function findIdentities(
  settings: SshSettings,
  { ask, signal }: { readonly ask: AskPassphrase; readonly signal: AbortSignal },
): Promise<Identities> {
  const [held, read] = await Promise.all([
    agentKeys(settings.identityAgent, signal),
    Promise.all(settings.identityFiles.map((file) => readKeyFile(file, ask))),
  ])
  const files = read.filter((file) => typeof file === 'object')
  const isNamed = (identity: Identity) => files.some((file) => isSameKey(file, identity))
  const own = files.filter((file) => !held.some((identity) => isSameKey(file, identity)))
  const plain = own.filter(({ isLocked, canSign }) => canSign && !isLocked)
  const locked = own.filter(({ isLocked }) => isLocked)
  return {
    offered: [
      ...held.filter(isNamed),
      ...(settings.identitiesNamed ? plain : []),
      ...(settings.identitiesOnly ? [] : held.filter((identity) => !isNamed(identity))),
      ...(settings.identitiesNamed ? [] : plain),
      ...locked.filter(({ canSign }) => canSign),
    ],
    locked: locked.filter(({ canSign }) => !canSign).map(({ label }) => label),
    unsupported: settings.identitiesNamed ? settings.identityFiles.filter((_, at) => read[at] === 'unsupported') : [],
  }
}

function isSameKey({ knownPublicKey: one }: Identity, { knownPublicKey: other }: Identity): boolean {
  return one !== undefined && other !== undefined && one.equals(other)
}
