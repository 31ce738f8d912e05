import type { HostKeys } from '../host-key.ts'
import type { NamedKey } from '../identity.ts'
import { keyTypeOf } from '../known-hosts.ts'
import type { Prompts } from '../link.ts'
import type { Place } from '../refusals.ts'
import { readCertificate } from './certificate.ts'
import type { Answer, Question } from './questions.ts'

/** What the questions of a login have brought to light, besides their answers. */
export interface Findings {
  /** Why no answer was given that could be: the login is over. */
  refusal: unknown
  isPasswordTried: boolean
  /** Key files whose passphrase nobody could be asked for. */
  readonly locked: Set<string>
  /** Key files whose passphrase was asked for three times. */
  readonly unusable: Map<NamedKey, unknown>
}

interface Interview {
  readonly prompts: { readonly [Name in keyof Prompts]: Prompts[Name] | undefined }
  readonly hostKeys: Promise<HostKeys>
  readonly identityFiles: readonly string[]
  /** `elspeth@web1`. */
  readonly who: string
  readonly place: () => Place
  /** Something was decided that ends the login. */
  readonly onRefusal: () => void
}

export const noFindings = (): Findings => ({
  refusal: undefined,
  isPasswordTried: false,
  locked: new Set(),
  unusable: new Map(),
})

/** Answers `ssh` with what known_hosts, or a person, says. Questions that nobody foresaw are refused. */
export function interview(about: Interview, findings: Findings): Answer {
  const asked = new Map<string, number>()
  const timesAsked = (what: string) => {
    const times = (asked.get(what) ?? 0) + 1
    asked.set(what, times)
    return times
  }
  const { prompts, who } = about

  async function answer({ words, kind }: Question, signal: AbortSignal): Promise<string | undefined> {
    const [text = ''] = words
    if (text === 'host-key') return await hostKey(about, words)
    // The key waits for a finger, and ssh for the key: it takes no answer
    if (kind === 'none') return void (await prompts.touch?.(text.replace(/^.* for key /, ''), signal))
    const file = /^Enter passphrase for key '(.*)': $/.exec(text)?.[1]
    if (file !== undefined) return await passphrase(fullName(file, about.identityFiles))
    const pin = /^Enter PIN for (?:\S+ key )?(.*): ?$/.exec(text)?.[1]
    if (pin !== undefined) return await prompts.passphrase?.(`${pin} (its PIN)`)
    if (/'s password: $/.test(text)) return await password(who)
    const asks = /^\(.*?@.*?\) (.*)$/s.exec(text)?.[1]
    if (asks !== undefined) return await password(/password/i.test(asks) ? who : `${who} (${plain(asks)})`)
    return undefined
  }

  /** As with the library: three times for each key, also where nothing is typed. */
  async function passphrase(file: string): Promise<string | undefined> {
    if (!prompts.passphrase) {
      findings.locked.add(file)
      return undefined
    }
    while (timesAsked(file) <= 3) {
      const typed = await prompts.passphrase(file)
      if (asked.get(file) === 3) findings.unusable.set({ kind: 'file', label: file }, undefined)
      if (typed !== '') return typed
    }
    return undefined
  }

  /** Three times in all, whichever methods the host offers for it. */
  async function password(whose: string): Promise<string | undefined> {
    findings.isPasswordTried = true
    return timesAsked(whose) > 3 ? undefined : await prompts.password?.(whose)
  }

  return async (question, signal) => {
    try {
      return await answer(question, signal)
    } catch (error) {
      findings.refusal ??= error
      about.onRefusal()
      return undefined
    }
  }
}

/** The line for known_hosts that makes `ssh` trust the key; none where `ssh` is to judge what an authority has signed. */
async function hostKey({ hostKeys, place }: Interview, [, , , base64 = '', name = '']: readonly string[]) {
  const blob = Buffer.from(base64, 'base64')
  const known = await hostKeys
  const certificate = readCertificate(blob)
  if (known.authorities.some(({ key }) => certificate?.authority.equals(key))) return ''
  // With an authority that nobody trusts it is a key like any other
  const key = certificate?.key ?? blob
  await known.check(key, place())
  return `${name} ${keyTypeOf(key)} ${key.toString('base64')}\n`
}

/** ssh shows the first hundred characters of a path. */
function fullName(shown: string, files: readonly string[]): string {
  return files.find((file) => file.slice(0, 100) === shown) ?? shown
}

function plain(prompt: string): string {
  return prompt.trim().replace(/:$/, '')
}
