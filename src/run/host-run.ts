import { randomBytes } from 'node:crypto'
import { userInfo } from 'node:os'
import type { Host } from '../core/app.ts'
import type { Connection, Wire } from '../core/connection.ts'
import { hiddenIn, secret } from '../core/data.ts'
import { type ErrorCode, isTasksError } from '../core/errors.ts'
import { type Asked, type Counts, type Emit, noCounts, type Outcome } from '../core/event.ts'
import { attachProgram } from '../program/attach.ts'
import type { RunHead } from '../program/bootstrap.ts'
import { compile } from '../program/compile.ts'
import { FrameReader } from '../program/frames.ts'
import type { Program } from '../program/program.ts'
import { askedFor } from './asked.ts'
import { type Conversation, converse, type Ending } from './conversation.ts'
import type { PlannedTask } from './graph.ts'
import { judge } from './judgement.ts'
import { Line } from './line.ts'
import { masking } from './mask.ts'
import { Narrator } from './narrator.ts'
import { toTheEnd } from './persistence.ts'
import type { RunRequest } from './request.ts'
import { sectionsFor } from './sections.ts'
import type { SudoPasswords } from './sudo.ts'
import { tellFailure, tellPlan } from './tellings.ts'

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
    const place = { request, host, emit: once(request.emit) }
    const expected = { ...place, loginUser: host.user ?? userInfo().username }
    // To dial and greet takes little of this side and long of the other: the project is read while the host answers
    let begin = () => {}
    const reading = new Promise<void>((resolve) => {
      begin = resolve
    }).then(() => sectionsFor(planned, expected))
    const connecting = line.connect({ isWanted: reading, underway: begin })
    connecting.then(begin, begin)
    // What is wrong with a project or a flag is told before what is wrong with a host, and before a host asks for anything.
    const early = await reading
    request.emit({ type: 'host.connecting', host: host.name, address: host.address })
    const connection = await connecting
    const { user, transport } = connection
    request.emit({ type: 'host.connected', host: host.name, user, ...(transport && { transport }) })
    const isExpected = user === expected.loginUser
    const sections = isExpected ? early : await sectionsFor(planned, { ...place, loginUser: user })
    const compiled = compile(sections, { host: host.name, loginUser: connection.user, style: 'wire' })
    const program = hiding(compiled, request.hidden)
    tellPlan(request, host, program)
    const asked = askedFor(request, planned)
    const talk = conversation(request, { host, program, run, asked, waited: () => line.waited() })
    const first = await converse(connection, program, talk)
    const ending = isTakenUp(talk)
      ? await toTheEnd(first, { ...request, host: host.name, line, goOn: goOn(talk) })
      : first
    return finish(request, { line, host, talk, ending })
  } catch (error) {
    if (!isTasksError(error)) throw error
    const outcome = error.code === 'interrupted' ? 'interrupted' : 'failed'
    tellFailure(request, host, error)
    request.emit({ type: 'host.finished', host: host.name, outcome, counts: noCounts })
    return { ...line.result(), outcome, counts: noCounts, code: error.code }
  } finally {
    await line.close()
  }
}

/** A run that sends no secret may hear one: a rollback, where the release says what it knows. */
function hiding(program: Program, hidden: readonly string[] = []): Program {
  return hidden.length === 0 ? program : { ...program, data: [...program.data, secret('hidden', '', { hidden })] }
}

/** Tasks that make their steps twice say what they have to say once. */
function once(emit: Emit): Emit {
  const told = new Set<string>()
  return (event) => {
    const words = JSON.stringify(event)
    if (!told.has(words)) emit(event)
    told.add(words)
  }
}

function conversation(
  request: RunRequest,
  {
    host,
    program,
    run,
    asked,
    waited,
  }: {
    readonly host: Host
    readonly program: Program
    readonly run: string
    readonly asked: Asked
    readonly waited: () => void
  },
): Conversation {
  const marker = `tasks-${randomBytes(16).toString('hex')}`
  const mask = masking(hiddenIn(program.data))
  const holder = { ...asked, since: new Date().toISOString() }
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

/** What only looks has nothing to lose, and no journal to be read on from. The program is never sent twice. */
function isTakenUp({ head, program }: Conversation): boolean {
  return head.mode !== 'dry-run' && program.canChange
}

function goOn(talk: Conversation): (connection: Connection) => Promise<Ending> {
  return (connection) => {
    talk.reader.resume()
    return converse(connection, attachProgram(talk.reader.position, talk.program), talk)
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
  const judged = judge({ host: host.name, failure: narrator.failure, ...hints(talk, ending) }, ending)
  if (judged.error) tellFailure(request, host, judged.error, narrator.failure)
  request.emit({ type: 'host.finished', host: host.name, outcome: judged.outcome, counts: narrator.counts })
  return {
    ...line.result(),
    outcome: judged.outcome,
    counts: narrator.counts,
    ...(judged.error && { code: judged.error.code }),
  }
}

function hints(talk: Conversation, ending: Ending) {
  const goesOn = ending.kind === 'lost' && ending.hasBegun && isTakenUp(talk)
  const { site } = talk.head.holder
  const where = site === undefined ? `--host ${talk.host}` : `--site ${site}`
  return {
    again: 'run the same command again: it goes on from there',
    whenLost: goesOn ? `the run goes on there; follow it with: tasks attach ${where}` : 'run the same command again',
  }
}
