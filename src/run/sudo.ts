import type { Ask } from '../core/ask.ts'
import type { Channel } from '../core/connection.ts'
import { sudoPrompt } from '../program/bootstrap.ts'

/** The passwords that worked or are being tried, by host: asked once, kept in memory for as long as the run lasts. */
export type SudoPasswords = Map<string, string>

interface Heard {
  readonly noise: string
  /** How many prompts were answered before. */
  readonly prompts: number
  readonly user: string
  readonly talk: {
    readonly host: string
    readonly ask: Pick<Ask, 'sudoPassword'>
    readonly passwords: SudoPasswords
    /** Called each time the host waits for the client. */
    readonly waited: () => void
  }
}

/**
 * Answers sudo when it asks for a password, once for each time that it asks; resolves with the number of prompts so far.
 * A password that was refused is forgotten and asked for again; where nobody can answer, sudo is told that nothing comes.
 */
export async function answerSudo(channel: Channel, { noise, prompts, user, talk }: Heard): Promise<number> {
  const asked = noise.split(sudoPrompt).length - 1
  if (asked <= prompts) return prompts
  if (prompts > 0) talk.passwords.delete(talk.host)
  const known = talk.passwords.get(talk.host)
  const password = known ?? (await talk.ask.sudoPassword?.({ host: talk.host, user, isRetry: prompts > 0 }))
  if (password === undefined) {
    channel.end()
    return asked
  }
  talk.passwords.set(talk.host, password)
  talk.waited()
  await channel.write(`${password}\n`)
  return asked
}
