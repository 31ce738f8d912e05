/** The only way to reach a person during a run. A question that nobody can answer is absent. */
export interface Ask {
  /** The passphrase of a key file; asked again after a wrong one. */
  readonly passphrase?: (keyFile: string) => Promise<string>
  /** The password of a login, for servers that take no key. */
  readonly password?: (who: string) => Promise<string>
  /** Asks to touch a security key, told by its type and fingerprint; `signal` aborts once that was done, or is no longer needed. */
  readonly touch?: (what: string, signal: AbortSignal) => Promise<void>
  readonly acceptHostKey?: (question: HostKeyQuestion) => Promise<boolean>
  readonly sudoPassword?: (question: {
    readonly host: string
    readonly user: string
    readonly isRetry: boolean
  }) => Promise<string>
  /** Step mode: what to do with a step that is unmet. */
  readonly step?: (question: StepQuestion) => Promise<StepAnswer>
  /** A free-form task's own question: a line of text, or one of the choices. */
  readonly text?: (question: TextQuestion) => Promise<string>
  readonly confirm?: (question: { readonly message: string; readonly default: boolean }) => Promise<boolean>
}

export interface TextQuestion {
  readonly message: string
  readonly default?: string | undefined
  readonly choices?: readonly string[] | undefined
  /** What is typed is not shown. */
  readonly hide?: boolean | undefined
}

export interface HostKeyQuestion {
  readonly host: string
  readonly address: string
  readonly port: number
  /** `ssh-ed25519` and the like. */
  readonly keyType: string
  /** `SHA256:…`, as OpenSSH prints it. */
  readonly fingerprint: string
}

export interface StepQuestion {
  readonly host: string
  readonly task: string
  readonly step: string
  readonly title: string
  /** The shell text of the step's apply, commented, for those who want to read it before they answer. */
  readonly script: string
}

/** `all`: apply this one and every later one without asking. */
export type StepAnswer = 'apply' | 'skip' | 'all' | 'abort'
