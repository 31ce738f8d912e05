import { randomBytes } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Host } from '../core/app.ts'
import type { Connection, Wire } from '../core/connection.ts'
import { hiddenIn } from '../core/data.ts'
import { type ErrorCode, isTasksError, TasksError } from '../core/errors.ts'
import type { Counts, Outcome } from '../core/event.ts'
import { noCounts } from '../core/event.ts'
import { attachProgram } from '../program/attach.ts'
import type { RunHead } from '../program/bootstrap.ts'
import { compile, type Program } from '../program/compile.ts'
import { FrameReader } from '../program/frames.ts'
import { type Conversation, converse, type Ending } from './conversation.ts'
import type { PlannedTask } from './graph.ts'
import { masking } from './mask.ts'
import { Narrator } from './narrator.ts'
import type { RunRequest } from './request.ts'
import { sectionsFor } from './sections.ts'
import type { SudoPasswords } from './sudo.ts'

/** What came of one host. */
export interface HostResult {
  readonly host: string
  readonly loginUser: string
  readonly outcome: Outcome
  readonly counts: Counts
  readonly wire: Wire
  readonly requests: number
  readonly code?: ErrorCode
}

/** Seconds before each new try to reach a host whose connection was lost; after the last one the run's outcome is unknown. */
const retries = [1, 2, 4, 8, 15, 15, 30, 30, 60, 60, 60]

/**
 * Does the plan's steps on one host: one connection, one program, one channel. Tells all as events, failures too, and does not reject
 * for what a host or a person can do.
 */
export async function runOnHost(
  request: RunRequest,
  { host, planned, run }: { readonly host: Host; readonly planned: readonly PlannedTask[]; readonly run: string },
): Promise<HostResult> {
  const line = new Line(request, host)
  try {
    request.emit({ type: 'host.connecting', host: host.name, address: host.address })
    const connection = await line.connect()
    request.emit({ type: 'host.connected', host: host.name, user: connection.user })
    const sections = await sectionsFor(planned, { request, host, loginUser: connection.user, emit: request.emit })
    const program = compile(sections, { host: host.name, loginUser: connection.user, style: 'wire' })
    tellPlan(request, host, program)
    const talk = conversation(request, { host, program, run, waited: () => line.waited() })
    const ending = await toTheEnd(connection, line, talk)
    return finish(request, { line, host, talk, ending })
  } catch (error) {
    if (!isTasksError(error)) throw error
    tellFailure(request, host, error)
    return {
      ...line.result(),
      outcome: error.code === 'interrupted' ? 'interrupted' : 'failed',
      counts: noCounts,
      code: error.code,
    }
  } finally {
    await line.close()
  }
}

/** The connections that one host's run has had, and what crossed them. */
class Line {
  readonly #request: RunRequest
  readonly #host: Host
  #connections: Connection[] = []
  #requests = 0

  constructor(request: RunRequest, host: Host) {
    this.#request = request
    this.#host = host
  }

  async connect(): Promise<Connection> {
    const connection = await this.#request.connect(this.#host, { ask: this.#request.ask, signal: this.#request.kill })
    this.#connections.push(connection)
    return connection
  }

  waited(): void {
    this.#requests++
  }

  result() {
    const wires = this.#connections.map((connection) => connection.wire())
    const sum = (key: 'connections' | 'channels' | 'bytesSent' | 'bytesReceived') =>
      wires.reduce((total, wire) => total + wire[key], 0)
    const wire: Wire = {
      connections: sum('connections'),
      channels: sum('channels'),
      bytesSent: sum('bytesSent'),
      bytesReceived: sum('bytesReceived'),
    }
    return { host: this.#host.name, loginUser: this.#connections[0]?.user ?? '', wire, requests: this.#requests }
  }

  async close(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()))
  }
}

function conversation(
  request: RunRequest,
  {
    host,
    program,
    run,
    waited,
  }: { readonly host: Host; readonly program: Program; readonly run: string; readonly waited: () => void },
): Conversation {
  const marker = `tasks-${randomBytes(16).toString('hex')}`
  const mask = masking(hiddenIn(program.data))
  const holder = { user: userInfo().username, machine: hostname(), since: new Date().toISOString() }
  const head: RunHead = { marker, run, mode: request.mode, wait: request.wait, holder }
  const passwords: SudoPasswords = new Map()
  const { emit, ask, stop, kill } = request
  return {
    host: host.name,
    program,
    head,
    narrator: new Narrator(host.name, program, { emit, mask }),
    reader: new FrameReader(marker),
    emit,
    ask,
    passwords,
    stop,
    kill,
    waited,
  }
}

/** A host goes on without its client: whoever was cut off comes back and reads on. The program is never sent twice. */
async function toTheEnd(connection: Connection, line: Line, talk: Conversation): Promise<Ending> {
  let ending = await converse(connection, talk.program, talk)
  if (talk.head.mode === 'dry-run') return ending
  for (const seconds of retries) {
    if (ending.kind === 'finished') return ending
    talk.emit({ type: 'host.lost', host: talk.host, because: ending.because, retryInSeconds: seconds })
    if (!(await waited(seconds, talk.kill))) return ending
    ending = await comeBack(line, talk, ending)
  }
  return ending
}

async function comeBack(line: Line, talk: Conversation, before: Ending): Promise<Ending> {
  try {
    const connection = await line.connect()
    talk.reader.resume()
    return await converse(connection, attachProgram(talk.reader.position, talk.program), talk)
  } catch (error) {
    if (isTasksError(error) && error.code === 'unreachable') return before
    throw error
  }
}

async function waited(seconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(seconds * 1000, undefined, { signal })
    return true
  } catch {
    return false
  }
}

function finish(
  request: RunRequest,
  {
    line,
    host,
    talk,
    ending,
  }: { readonly line: Line; readonly host: Host; readonly talk: Conversation; readonly ending: Ending },
): HostResult {
  const { narrator } = talk
  const judged = judge(talk, ending, host)
  if (judged.error) tellFailure(request, host, judged.error, narrator.failure)
  request.emit({ type: 'host.finished', host: host.name, outcome: judged.outcome, counts: narrator.counts })
  return {
    ...line.result(),
    outcome: judged.outcome,
    counts: narrator.counts,
    ...(judged.error && { code: judged.error.code }),
  }
}

function judge(
  { narrator, head }: Conversation,
  ending: Ending,
  host: Host,
): { readonly outcome: Outcome; readonly error?: TasksError } {
  if (ending.kind === 'lost') return { outcome: 'unknown', error: lost(ending, host, head) }
  switch (ending.how) {
    case 'done':
      return { outcome: 'done' }
    case 'failed': {
      const { message = `Cannot finish on "${host.name}".`, hint, output } = narrator.failure ?? {}
      return { outcome: 'failed', error: new TasksError({ code: 'failed', message, hint, output }) }
    }
    case 'interrupted':
      return {
        outcome: 'interrupted',
        error: new TasksError({
          code: 'interrupted',
          message: `The run on "${host.name}" was interrupted.`,
          hint: 'run the same command again: it goes on from there',
        }),
      }
    case 'locked':
      return { outcome: 'failed', error: locked(host, ending.holder) }
    case 'never':
      return {
        outcome: 'failed',
        error: new TasksError({
          code: 'unreachable',
          message: `Nothing was started on "${host.name}", because the connection was lost before the program was there whole.`,
          hint: 'run the same command again',
        }),
      }
    default:
      return {
        outcome: 'failed',
        error: new TasksError({
          code: 'failed',
          message: `The run on "${host.name}" died in the middle, because the host restarted or the program was killed.`,
          hint: 'run the same command again: it goes on from there',
        }),
      }
  }
}

function lost(
  { because, hasBegun }: Extract<Ending, { kind: 'lost' }>,
  host: Host,
  { run, mode }: RunHead,
): TasksError {
  const goesOn = hasBegun && mode !== 'dry-run'
  return new TasksError({
    code: 'unreachable',
    message: `Lost the connection to "${host.name}", because ${because}.`,
    hint: goesOn
      ? `the run goes on there; its journal is /var/lib/tasks/runs/${run}/journal`
      : 'run the same command again',
  })
}

function locked(host: Host, holder: readonly string[] = []): TasksError {
  const [lock = '?', user = '?', machine = '?', since = '?', run = '?'] = holder
  return new TasksError({
    code: 'locked',
    message: `Cannot begin on "${host.name}", because ${user} on ${machine} has held the lock "${lock}" since ${since} (run ${run}).`,
    hint: 'try again when that run has ended, or add --wait',
  })
}

function tellPlan({ emit }: RunRequest, host: Host, program: Program): void {
  const steps = program.steps.map(({ task, id, step }) => ({ task, step: id, title: step.title }))
  emit({ type: 'steps.planned', host: host.name, steps })
}

function tellFailure(
  { emit }: RunRequest,
  host: Host,
  error: TasksError,
  at?: { readonly task: string; readonly step: string },
): void {
  const { code, message, hint, output } = error
  const place = at && { task: at.task, step: at.step }
  emit({
    type: 'run.failed',
    code,
    message,
    host: host.name,
    ...(hint !== undefined && { hint }),
    ...(output !== undefined && { output }),
    ...place,
  })
}
