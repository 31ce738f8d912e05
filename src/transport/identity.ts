/** A key that a host may be offered. Its secret half is touched only once the host has said that the key would do. */
export interface Identity {
  readonly kind: 'agent' | 'file'
  readonly label: string
  readonly knownPublicKey: Buffer | undefined
  /** In wire format. Asks for a passphrase only where the public half is nowhere to be read. */
  publicKey(): Promise<Buffer | undefined>
  sign(data: Buffer, hash: string | undefined): Promise<Buffer>
}
