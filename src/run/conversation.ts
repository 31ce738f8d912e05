import type { Ask } from '../core/ask.ts'
import type { Channel, Connection } from '../core/connection.ts'
import { TasksError } from '../core/errors.ts'
import type { Emit } from '../core/event.ts'
import { shellText } from '../core/sh.ts'
import type { Frame, WantedItem } from '../program/frame.ts'
import type { FrameReader } from '../program/frames.ts'
import type { Program } from '../program/program.ts'
import { beforeWords } from './before.ts'
import { deliver, type Sender } from './delivery.ts'
import { type Interrupts, interrupted, passOnInterrupts } from './interrupts.ts'
import type { Narrator } from './narrator.ts'

/** How a host's program ended, or why nobody knows. */
export type Ending =
  | {
      readonly kind: 'finished'
      readonly how: Extract<Frame, { kind: 'finish' }>['how']
      /** With `locked`: whom it gave way to. */
      readonly lock?: Locked
    }
  /** The channel ended first. `hasBegun`: the host said hello, so the program goes on there. */
  | { readonly kind: 'lost'; readonly because: string; readonly hasBegun: boolean }

export type Locked = Pick<Extract<Frame, { kind: 'locked' }>, 'lock' | 'holder'>

export interface Conversation extends Sender {
  readonly program: Program
  readonly narrator: Narrator
  readonly reader: FrameReader
  readonly emit: Emit
  readonly ask: Ask
  readonly stop: AbortSignal
  readonly kill: AbortSignal
}

/**
 * Sends a program over a connection, answers what it asks, and hears it to its end.
 * Rejects with a TasksError when the host refuses to run it; a lost connection is an ending, not an error.
 */
export async function converse(connection: Connection, program: Program, talk: Conversation): Promise<Ending> {
  if (program === talk.program && (talk.stop.aborted || talk.kill.aborted)) throw interrupted(talk.host)
  const { channel, failed, whyEnded } = await deliver(connection, program, talk)
  const interrupts = passOnInterrupts(channel, talk)
  try {
    const finish = await Promise.race([hear(channel, talk, interrupts), failed, interrupts.givenUp])
    if (finish) return finish
    const hasBegun = talk.reader.position > 0
    return { kind: 'lost', because: await whyEnded(hasBegun), hasBegun }
  } finally {
    interrupts.letGo()
    channel.end()
  }
}

async function hear(channel: Channel, talk: Conversation, interrupts: Interrupts): Promise<Ending | undefined> {
  let lock: Locked | undefined
  for await (const chunk of channel.stdout) {
    for (const piece of talk.reader.read(chunk)) {
      talk.narrator.tell(piece)
      if (piece.kind === 'task' || piece.kind === 'attached') interrupts.begin()
      if (piece.kind === 'locked') lock = piece
      else if (piece.kind === 'waiting') tellWaiting(piece, talk)
      else if (piece.kind === 'before') tellBefore(piece, talk)
      else if (piece.kind === 'want') await sendWanted(channel, piece.items, talk)
      else if (piece.kind === 'ask') await answerStep(channel, piece.step, talk)
      else if (piece.kind === 'finish') return { kind: 'finished', how: piece.how, ...(lock && { lock }) }
    }
    if (talk.reader.isAtLineEnd) talk.narrator.endLine()
  }
  return undefined
}

export function tellWaiting(
  { lock, holder }: Extract<Frame, { kind: 'waiting' }>,
  { emit, host }: Pick<Conversation, 'emit' | 'host'>,
): void {
  emit({ type: 'lock.waiting', host, lock, holder })
}

function tellBefore({ past }: Extract<Frame, { kind: 'before' }>, { emit, host, head }: Conversation): void {
  emit({ type: 'note.told', level: 'note', host, message: beforeWords(past, { host, head }) })
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
  // Only who goes step by step is asked, whatever a host says.
  const answer = talk.ask.step && talk.head.mode === 'step' ? await talk.ask.step({ ...about, script }) : 'abort'
  await channel.write(`answer ${answer}\n`)
}
