import {
  type AnyAuthMethod,
  type AuthenticationType,
  type AuthHandlerMiddleware,
  BaseAgent,
  type ParsedKey,
  type SignCallback,
} from 'ssh2'
import type { Identity } from './identities.ts'

/** Asks a person for a password; `who` says whose, as in `elspeth@web1`. */
export type AskPassword = ((who: string) => Promise<string>) | undefined

export interface Login {
  readonly handler: AuthHandlerMiddleware
  /** The keys that the host was shown, and whether a password was tried. */
  readonly tried: { readonly identities: readonly Identity[]; readonly isPasswordTried: boolean }
  /** A key whose secret half could not be used, though the host would have taken it. */
  readonly failed: ReadonlyMap<Identity, unknown>
}

interface Parts {
  readonly user: string
  readonly name: string
  readonly identities: readonly Identity[]
  readonly askPassword: AskPassword
}

/** What is tried, in order: each key (without asking first what the host would take), then passwords. One login per connection. */
export function startLogin({ user, name, identities, askPassword }: Parts): Login {
  let allowed: readonly AuthenticationType[] | undefined
  const tried = { identities: [] as Identity[], isPasswordTried: false }
  const failed = new Map<Identity, unknown>()
  const isAllowed = (method: AuthenticationType) => allowed === undefined || allowed.includes(method)
  const who = `${user}@${name}`

  async function* methods(): AsyncGenerator<AnyAuthMethod, undefined> {
    if (identities.length === 0) yield { type: 'none', username: user }
    for (const identity of identities) {
      if (!isAllowed('publickey')) break
      tried.identities.push(identity)
      yield { type: 'agent', username: user, agent: new SingleKey(identity, failed) }
    }
    for (let tries = 0; askPassword && tries < 3; tries++) {
      tried.isPasswordTried = true
      if (isAllowed('keyboard-interactive')) yield interactive({ user, who, askPassword })
      else if (isAllowed('password')) yield { type: 'password', username: user, password: await askPassword(who) }
      else return
    }
  }

  const queue = methods()
  const handler: AuthHandlerMiddleware = (left, _isPartial, next) => {
    allowed = left ?? undefined
    // The library takes `false` for "nothing more to try", which its types do not tell
    const giveUp = () => next(false as unknown as AuthenticationType)
    queue.next().then(({ value }) => (value ? next(value) : giveUp()), giveUp)
  }
  return { handler, tried, failed }
}

/** Shows the library one key as if it were an agent, so that its secret half is asked for only when the host would take it. */
class SingleKey extends BaseAgent<Buffer> {
  readonly identity: Identity
  readonly failed: Map<Identity, unknown>

  constructor(identity: Identity, failed: Map<Identity, unknown>) {
    super()
    this.identity = identity
    this.failed = failed
  }

  override getIdentities(done: (error: undefined, keys: Buffer[]) => void): void {
    this.identity.publicKey().then(
      (key) => done(undefined, key ? [key] : []),
      () => done(undefined, []),
    )
  }

  override sign(_key: Buffer | ParsedKey, data: Buffer, options: unknown, done?: SignCallback): void {
    const hash = typeof options === 'object' && options !== null && 'hash' in options ? options.hash : undefined
    this.identity.sign(data, typeof hash === 'string' ? hash : undefined).then(
      (signature) => done?.(undefined, signature),
      (error: Error) => {
        this.failed.set(this.identity, error)
        done?.(error)
      },
    )
  }
}

function interactive({
  user,
  who,
  askPassword,
}: {
  readonly user: string
  readonly who: string
  readonly askPassword: NonNullable<AskPassword>
}): AnyAuthMethod {
  return {
    type: 'keyboard-interactive',
    username: user,
    prompt(_name, _instructions, _language, prompts, finish) {
      const answers = async () => {
        const given: string[] = []
        for (const { prompt } of prompts)
          given.push(await askPassword(/password/i.test(prompt) ? who : `${who} (${prompt.trim().replace(/:$/, '')})`))
        return given
      }
      answers().then(finish, () => finish([]))
    },
  }
}
