import type { Connection } from '../core/connection.ts'
import { TasksError } from '../core/errors.ts'
import type { PastRun } from '../core/past-run.ts'
import { attachProgram } from '../program/attach.ts'
import type { Frame, Piece } from '../program/frame.ts'
import { readPlan } from '../program/plan.ts'
import { StrangerReader } from '../program/stranger-reader.ts'
import { type Ending, type Locked, tellWaiting } from './conversation.ts'
import { deliver, type Sender } from './delivery.ts'
import { Narrator } from './narrator.ts'
import type { AttachRequest } from './request.ts'
import { tellPlan } from './tellings.ts'

/** A run that was found on a host, and what is known of it so far. */
export interface Story {
  readonly past: PastRun
  readonly narrator: Narrator
  /** Seconds between its first step's begin and the last word that tells a time. */
  readonly took: () => number
}

/** Hears somebody's run over as many connections as it takes, and tells it as events. */
export class Follower {
  readonly #request: AttachRequest
  readonly #sender: Sender
  readonly #reader: StrangerReader
  readonly #clock = new Clock()
  #story: Story | undefined
  #lock: Locked | undefined

  constructor(request: AttachRequest, sender: Sender) {
    this.#request = request
    this.#sender = sender
    this.#reader = new StrangerReader(sender.head.marker)
  }

  get story(): Story | undefined {
    return this.#story
  }

  /** Hears it on over this connection. Rejects with a TasksError when there is no such run, or when the person leaves. */
  async hear(connection: Connection): Promise<Ending> {
    const { run = this.#story?.past.run, site } = this.#request
    const program = attachProgram(this.#reader.position, { needsRoot: true, wanted: { run, site } })
    const leave = leaving(this.#request, () => this.#story)
    this.#reader.resume()
    try {
      const { channel, failed, whyEnded } = await Promise.race([deliver(connection, program, this.#sender), leave.left])
      try {
        const ending = await Promise.race([this.#listen(channel.stdout), failed, leave.left])
        if (ending) return ending
        const hasBegun = this.#story !== undefined
        return { kind: 'lost', because: await whyEnded(hasBegun), hasBegun }
      } finally {
        channel.end()
      }
    } finally {
      leave.letGo()
    }
  }

  async #listen(stdout: AsyncIterable<Uint8Array>): Promise<Ending | undefined> {
    for await (const chunk of stdout) {
      for (const piece of this.#reader.read(chunk)) {
        if (piece.kind === 'finish') return this.#ended(piece)
        this.#take(piece)
      }
      if (this.#reader.isAtLineEnd) this.#story?.narrator.endLine()
    }
    return undefined
  }

  #take(piece: Piece): void {
    const { host, emit } = this.#request
    this.#clock.take(piece)
    if (piece.kind === 'found') this.#begin(piece.past)
    else if (piece.kind === 'waiting') tellWaiting(piece, { host: host.name, emit })
    else if (piece.kind === 'locked') this.#lock = piece
    else this.#story?.narrator.tell(piece)
  }

  #begin(past: PastRun): void {
    if (this.#story) return
    const { host, emit } = this.#request
    const program = readPlan(this.#reader.plan)
    const narrator = new Narrator(host.name, program, { emit, mask: (text) => text }) // the journal is masked
    this.#story = { past, narrator, took: () => this.#clock.passed }
    const tasks = [...new Set(program.steps.map(({ task }) => task))]
    const { run, mode, since, task, site, user, machine } = past
    const asked = { task, ...(site !== undefined && { site }), user, machine }
    emit({ type: 'run.started', run, mode, tasks, hosts: [host.name], at: since, asked })
    tellPlan(this.#request, host, program)
  }

  #ended({ how }: Extract<Frame, { kind: 'finish' }>): Ending {
    if (how === 'none') throw noRun(this.#request)
    return { kind: 'finished', how, ...(this.#lock && { lock: this.#lock }) }
  }
}

/** The time that a host tells, from the first to the last. */
class Clock {
  #first: number | undefined
  #last = 0

  take(piece: Piece): void {
    if (!('at' in piece)) return
    this.#first ??= piece.at
    this.#last = piece.at
  }

  get passed(): number {
    return Math.max(0, this.#last - (this.#first ?? this.#last))
  }
}

/** Whoever follows a run can leave it, but not stop it. */
function leaving({ host, stop, kill }: AttachRequest, story: () => Story | undefined) {
  const signal = AbortSignal.any([stop, kill])
  const done = new AbortController()
  const left = new Promise<never>((_, reject) => {
    const leave = () => reject(leftAlone(host.name, story()?.past))
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { signal: done.signal })
  })
  left.catch(() => {})
  return { left, letGo: () => done.abort() }
}

function leftAlone(host: string, past: PastRun | undefined): TasksError {
  return new TasksError({
    code: 'interrupted',
    message: past
      ? `Left the run ${past.run} on "${host}" alone: it goes on there.`
      : `Left "${host}" before any run was found there.`,
    hint: past ? `follow it again with: tasks attach --host ${host} --run ${past.run}` : 'run the same command again',
  })
}

function noRun({ host, run, site }: AttachRequest): TasksError {
  const what = run === undefined ? 'it remembers no run' : `it remembers no run "${run}"`
  return new TasksError({
    code: 'failed',
    message: `Cannot attach to a run on "${host.name}", because ${what}${site === undefined ? '' : ` of ${site}`}.`,
    hint: `see which there are: tasks runs --host ${host.name}`,
  })
}
