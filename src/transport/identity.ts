/** A key as messages name it. */
export interface NamedKey {
  readonly kind: 'agent' | 'file'
  readonly label: string
}

/** A key that a host may be offered. Unless it is at hand, its secret half is touched only once the host has said that the key would do. */
export interface Identity extends NamedKey {
  /** Whether it signs without asking anybody, a person or an agent. */
  readonly isAtHand: boolean
  readonly knownPublicKey: Buffer | undefined
  /** In wire format. Asks for a passphrase only where the public half is nowhere to be read. */
  publicKey(): Promise<Buffer | undefined>
  sign(data: Buffer, hash: string | undefined): Promise<Buffer>
}

/** For messages: `agent: 2 keys; /home/me/.ssh/id_ed25519`. */
export function listed(identities: readonly NamedKey[]): string {
  const held = identities.filter(({ kind }) => kind === 'agent').length
  const files = identities.filter(({ kind }) => kind === 'file').map(({ label }) => label)
  return [...(held === 0 ? [] : [`agent: ${held} ${held === 1 ? 'key' : 'keys'}`]), ...files].join('; ')
}
