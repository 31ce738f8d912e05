/** How far a handshake came before it failed; where we gave it up ourselves, `cause` is why. */
export class HandshakeFailure extends Error {
  override readonly cause: unknown
  readonly isEncrypted: boolean
  /** The first that the other side said: an SSH server names itself. */
  readonly greeting: string

  constructor(cause: unknown, { isEncrypted, greeting }: { readonly isEncrypted: boolean; readonly greeting: string }) {
    super('handshake failed')
    this.cause = cause
    this.isEncrypted = isEncrypted
    this.greeting = greeting
  }
}
