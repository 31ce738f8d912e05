import type { Ask } from '../core/ask.ts'
import type { Channel, ChannelEnd, Connection } from '../core/connection.ts'
import { TasksError } from '../core/errors.ts'
import type { Emit } from '../core/event.ts'
import { shellText } from '../core/sh.ts'
import { bootstrapCommand, bootstrapInput, type RunHead } from '../program/bootstrap.ts'
import type { Frame, FrameReader, WantedItem } from '../program/frames.ts'
import type { Program } from '../program/program.ts'
import { refusalOf } from './bootstrap-failure.ts'
import type { Narrator } from './narrator.ts'
import { answerSudo, type SudoPasswords } from './sudo.ts'

/** How a host's program ended, or why nobody knows. */
export type Ending =
  | {
      readonly kind: 'finished'
      readonly how: Extract<Frame, { kind: 'finish' }>['how']
      readonly holder?: readonly string[]
    }
  /** The channel ended first. `hasBegun`: the host said hello, so the program goes on there. */
  | { readonly kind: 'lost'; readonly because: string; readonly hasBegun: boolean }

export interface Conversation {
  readonly host: string
  readonly program: Program
  readonly head: RunHead
  readonly narrator: Narrator
  readonly reader: FrameReader
  readonly emit: Emit
  readonly ask: Ask
  readonly passwords: SudoPasswords
  readonly stop: AbortSignal
  readonly kill: AbortSignal
  /** Called each time the host waits for the client. */
  readonly waited: () => void
}

/**
 * Sends a program over a connection, answers what it asks, and hears it to its end.
 * Rejects with a TasksError when the host refuses to run it; a lost connection is an ending, not an error.
 */
export async function converse(connection: Connection, program: Program, talk: Conversation): Promise<Ending> {
  if (program === talk.program && (talk.stop.aborted || talk.kill.aborted)) throw interrupted(talk.host)
  const channel = await connection.open(bootstrapCommand)
  const noise = listenToNoise(channel, talk, connection.user)
  const interrupts = passOnInterrupts(channel, talk)
  try {
    talk.waited()
    const sent = channel.write(bootstrapInput(program, talk.head))
    const refused = Promise.all([noise, sent]).then(() => never)
    const finish = await Promise.race([hear(channel, talk, interrupts), refused, interrupts.givenUp])
    if (finish) return finish
    const end = await channel.ended
    const begun = talk.reader.position > 0
    if (end.kind === 'lost' || begun) return { kind: 'lost', because: lossOf(end), hasBegun: begun }
    throw refusalOf({ host: talk.host, user: connection.user, end, noise: await noise })
  } finally {
    interrupts.letGo()
    channel.end()
  }
}

const never = new Promise<never>(() => {})

async function hear(channel: Channel, talk: Conversation, interrupts: Interrupts): Promise<Ending | undefined> {
  let holder: readonly string[] | undefined
  for await (const chunk of channel.stdout) {
    for (const piece of talk.reader.read(chunk)) {
      talk.narrator.tell(piece)
      if (piece.kind === 'task' || piece.kind === 'attached') interrupts.begin()
      if (piece.kind === 'locked') holder = [piece.lock, ...piece.holder]
      else if (piece.kind === 'waiting') tellWaiting(piece, talk)
      else if (piece.kind === 'want') await sendWanted(channel, piece.items, talk)
      else if (piece.kind === 'ask') await answerStep(channel, piece.step, talk)
      else if (piece.kind === 'finish') return { kind: 'finished', how: piece.how, ...(holder && { holder }) }
    }
  }
  return undefined
}

function tellWaiting({ lock, holder }: Extract<Frame, { kind: 'waiting' }>, { emit, host }: Conversation): void {
  const [user = '?', machine = '?', since = '?', run = '?'] = holder
  emit({ type: 'lock.waiting', host, lock, holder: { user, machine, since, run } })
}

async function sendWanted(channel: Channel, items: readonly WantedItem[], talk: Conversation): Promise<void> {
  talk.waited()
  for (const { id, said } of items) {
    const item = talk.program.data.find((known) => known.id === id)
    if (!item || item.kind === 'secret')
      throw new TasksError({
        code: 'failed',
        message: `Cannot send "${id}" to "${talk.host}", because it is not part of this run.`,
      })
    const bytes = item.kind === 'stream' ? await item.answer(said) : item.bytes
    await channel.write(`${id} ${bytes.length}\n`)
    await channel.write(bytes)
    talk.emit({ type: 'data.sent', host: talk.host, what: item.kind, id, bytes: bytes.length })
  }
}

async function answerStep(channel: Channel, number: number, talk: Conversation): Promise<void> {
  talk.waited()
  const placed = talk.program.steps[number - 1]
  const about = {
    host: talk.host,
    task: placed?.task ?? '',
    step: placed?.id ?? '',
    title: talk.narrator.titleOf(number),
  }
  const script = placed?.step.apply ? shellText(placed.step.apply) : ''
  const answer = talk.ask.step ? await talk.ask.step({ ...about, script }) : 'abort'
  await channel.write(`answer ${answer}\n`)
}

/** Standard error speaks only before the program does: sudo's prompt, a login shell's complaints. Only its end is kept. */
async function listenToNoise(channel: Channel, talk: Conversation, user: string): Promise<string> {
  const decoder = new TextDecoder()
  let noise = ''
  let prompts = 0
  for await (const chunk of channel.stderr) {
    noise = (noise + decoder.decode(chunk, { stream: true })).slice(-16_384)
    prompts = await answerSudo(channel, { noise, prompts, user, talk })
  }
  return noise
}

interface Interrupts {
  /** Somebody on the host listens now: what the person has said so far is passed on, and what they say from now on. */
  readonly begin: () => void
  /** Rejects when the person wants an end before anybody there listens. */
  readonly givenUp: Promise<never>
  readonly letGo: () => void
}

/** Before the program listens, a word of ours would be taken for a password, or for a part of a file. */
function passOnInterrupts(channel: Channel, { stop, kill, host }: Conversation): Interrupts {
  let hasBegun = false
  const done = new AbortController()
  const heard = new Set<string>()
  let giveUp = () => {}
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = () => reject(interrupted(host))
  })
  givenUp.catch(() => {})
  const tell = () => {
    for (const [word, signal] of [
      ['stop', stop],
      ['kill', kill],
    ] as const) {
      if (!signal.aborted || heard.has(word)) continue
      if (hasBegun) void channel.write(`${word}\n`)
      else if (word === 'kill') giveUp()
      if (hasBegun) heard.add(word)
    }
  }
  for (const signal of [stop, kill]) signal.addEventListener('abort', tell, { signal: done.signal })
  const begin = () => {
    hasBegun = true
    tell()
  }
  return { begin, givenUp, letGo: () => done.abort() }
}

function interrupted(host: string): TasksError {
  return new TasksError({
    code: 'interrupted',
    message: `The run on "${host}" was interrupted before it began.`,
    hint: 'run the same command again',
  })
}

function lossOf(end: ChannelEnd): string {
  if (end.kind === 'lost') return end.because
  return end.kind === 'exited'
    ? `the session ended early with exit code ${end.code}`
    : `the session was ended by ${end.signal}`
}
