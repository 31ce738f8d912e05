import type { Ask } from '../core/ask.ts'
import type { Channel } from '../core/connection.ts'
import { sudoPrompt } from '../program/bootstrap.ts'

/** The passwords that worked or are being tried, by host: asked once, kept in memory for as long as the run lasts. */
export type SudoPasswords = Map<string, string>

/** Who is asked for passwords, and what is known of them. */
export interface Answerer {
  readonly host: string
  readonly ask: Pick<Ask, 'sudoPassword'>
  readonly passwords: SudoPasswords
  /** Called each time the host waits for the client. */
  readonly waited: () => void
}

/** What came of sudo's questions on one channel. */
export interface SudoTold {
  /** How often it asked: more than once where it refused an answer. */
  readonly prompts: number
  /** It asked, and nobody was there to answer. */
  readonly isUnanswered: boolean
}

export const unasked: SudoTold = { prompts: 0, isUnanswered: false }

/**
 * Answers sudo when it asks for a password, once for each time that it asks: `noise` is all that standard error has said so far, `before`
 * what came of it until now. A password that was refused is forgotten and asked for again; where nobody can answer, sudo is told that
 * nothing comes.
 */
export async function answerSudo(
  channel: Channel,
  { noise, before, user, by }: { noise: string; before: SudoTold; user: string; by: Answerer },
): Promise<SudoTold> {
  const prompts = noise.split(sudoPrompt).length - 1
  if (prompts <= before.prompts) return before
  const isRetry = before.prompts > 0
  if (isRetry) by.passwords.delete(by.host)
  const password = by.passwords.get(by.host) ?? (await by.ask.sudoPassword?.({ host: by.host, user, isRetry }))
  if (password === undefined) {
    channel.end()
    return { prompts, isUnanswered: true }
  }
  by.passwords.set(by.host, password)
  by.waited()
  await channel.write(`${password}\n`)
  return { prompts, isUnanswered: false }
}

/** Standard error speaks only before the program does: sudo's prompt, a login shell's complaints. Only its end is kept. */
export async function listenToNoise(channel: Channel, by: Answerer, user: string): Promise<Noise> {
  const decoder = new TextDecoder()
  let noise = ''
  let sudo = unasked
  for await (const chunk of channel.stderr) {
    noise = (noise + decoder.decode(chunk, { stream: true })).slice(-16_384)
    sudo = await answerSudo(channel, { noise, before: sudo, user, by })
  }
  return { noise, sudo }
}

interface Noise {
  readonly noise: string
  readonly sudo: SudoTold
}
