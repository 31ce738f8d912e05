import {
  type AnyAuthMethod,
  type AuthenticationType,
  type AuthHandlerMiddleware,
  BaseAgent,
  type ParsedKey,
  type SignCallback,
} from 'ssh2'
import type { Ask } from '../core/ask.ts'
import type { Identity } from './identity.ts'

type AskPassword = Ask['password'] | undefined

export interface Login {
  readonly handler: AuthHandlerMiddleware
  /** The keys that the host was shown, and whether a password was tried. */
  readonly tried: { readonly identities: readonly Identity[]; readonly isPasswordTried: boolean }
  /** Why a person could not be asked for a password. */
  unasked(): unknown
}

interface Parts {
  readonly user: string
  readonly name: string
  readonly identities: readonly Identity[]
  /** Told whose: `elspeth@web1`, and in brackets what the host asks for if that is no password. */
  readonly askPassword: AskPassword
  /** Where a key is put whose secret half could not be used, with what went wrong. */
  readonly unusable: Map<Identity, unknown>
}

/** What is tried, in order: each key (without asking first what the host would take), then passwords. One login per connection. */
export function startLogin({ user, name, identities, askPassword, unusable }: Parts): Login {
  let allowed: readonly AuthenticationType[] | undefined
  const tried = { identities: [] as Identity[], isPasswordTried: false }
  const isAllowed = (method: AuthenticationType) => allowed === undefined || allowed.includes(method)
  const who = `${user}@${name}`
  let unasked: unknown

  async function* methods(): AsyncGenerator<AnyAuthMethod, undefined> {
    if (identities.length === 0) yield { type: 'none', username: user }
    for (const identity of identities) {
      if (!isAllowed('publickey')) break
      tried.identities.push(identity)
      yield { type: 'agent', username: user, agent: new SingleKey(identity, unusable) }
    }
    // Of a refused key the library does not tell what else the host would take; this asks
    if (askPassword && allowed === undefined) yield { type: 'none', username: user }
    for (let tries = 0; askPassword && tries < 3; tries++) {
      if (!isAllowed('keyboard-interactive') && !isAllowed('password')) return
      tried.isPasswordTried = true
      if (isAllowed('keyboard-interactive')) yield interactive({ user, who, askPassword })
      else yield { type: 'password', username: user, password: await askPassword(who) }
    }
  }

  const queue = methods()
  const handler: AuthHandlerMiddleware = (left, _isPartial, next) => {
    allowed = left ?? undefined
    // The library takes `false` for "nothing more to try", which its types do not tell
    const giveUp = () => next(false as unknown as AuthenticationType)
    queue.next().then(
      ({ value }) => (value ? next(value) : giveUp()),
      (error: unknown) => {
        unasked = error
        giveUp()
      },
    )
  }
  return { handler, tried, unasked: () => unasked }
}

/** Shows the library one key as if it were an agent, so that its secret half is asked for only when the host would take it. */
class SingleKey extends BaseAgent<Buffer> {
  readonly identity: Identity
  readonly unusable: Map<Identity, unknown>

  constructor(identity: Identity, unusable: Map<Identity, unknown>) {
    super()
    this.identity = identity
    this.unusable = unusable
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
        this.unusable.set(this.identity, error)
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
