import type { Ask } from '../core/ask.ts'
import type { Channel, ChannelEnd, Connection } from '../core/connection.ts'
import { TasksError } from '../core/errors.ts'
import { refusalOf } from '../run/bootstrap-failure.ts'
import { listenToNoise, type SudoTold } from '../run/sudo.ts'
import { held, startDeadline } from '../transport/deadline.ts'
import { factsIn, type HostFacts } from './host-facts.ts'
import type { Asked } from './host-findings.ts'
import { hostQuestion, type Questions } from './host-program.ts'

interface AskOptions {
  readonly host: string
  readonly ask: Pick<Ask, 'sudoPassword'>
  readonly questions: Omit<Questions, 'canAskPassword'>
  /** Within which it must have told all; a person may take their time. */
  readonly seconds: number
}

/** Asks a host all there is to ask, on one channel. Throws a TasksError where it does not tell; that it is so slow ends the connection. */
export async function askHost(
  connection: Connection,
  { host, ask, questions, seconds }: AskOptions,
): Promise<{ readonly facts: HostFacts; readonly asked: Asked }> {
  const deadline = startDeadline(seconds)
  const sudoPassword = held(ask.sudoPassword, deadline)
  const give = () => void connection.close()
  deadline.signal.addEventListener('abort', give)
  try {
    const { command, input } = hostQuestion({ ...questions, canAskPassword: sudoPassword !== undefined })
    const from = Date.now() / 1000
    const channel = await connection.open(command, { signal: deadline.signal })
    await channel.write(input)
    const talk = {
      host,
      ask: sudoPassword === undefined ? {} : { sudoPassword },
      passwords: new Map(),
      waited: () => undefined,
    }
    const [output, { noise, sudo }, end] = await Promise.all([
      textOf(channel),
      listenToNoise(channel, talk, connection.user),
      channel.ended,
    ])
    const told = factsIn(output)
    const facts = told && { ...told, sudoSaid: noise.trim() === '' ? told.sudoSaid : noise }
    if (facts) return { facts, asked: { from, to: Date.now() / 1000 } }
    throw untold({ host, user: connection.user, end, noise, sudo })
  } catch (error) {
    throw deadline.signal.aborted ? tooSlow(host, seconds) : error
  } finally {
    deadline.stop()
  }
}

const longest = 262_144

async function textOf(channel: Channel): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of channel.stdout) if (text.length < longest) text += decoder.decode(chunk, { stream: true })
  return text
}

function untold(parts: {
  readonly host: string
  readonly user: string
  readonly end: ChannelEnd
  readonly noise: string
  readonly sudo: SudoTold
}): TasksError {
  if (parts.end.kind !== 'lost') return refusalOf(parts)
  return new TasksError({
    code: 'unreachable',
    message: `Lost the connection to "${parts.host}", because ${parts.end.because}.`,
    hint: 'run the same command again',
  })
}

function tooSlow(host: string, seconds: number): TasksError {
  return new TasksError({
    code: 'unreachable',
    message: `Cannot tell how "${host}" is, because it did not answer within ${seconds} seconds.`,
    hint: 'look at how busy it is: ssh in, and run top',
  })
}
