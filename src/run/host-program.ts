import { randomBytes } from 'node:crypto'
import type { Host } from '../core/app.ts'
import type { Connection } from '../core/connection.ts'
import type { Counts } from '../core/counts.ts'
import { hiddenIn, secret } from '../core/data.ts'
import type { Asked } from '../core/event.ts'
import { attachProgram } from '../program/attach.ts'
import type { RunHead } from '../program/bootstrap.ts'
import { compile } from '../program/compile.ts'
import { FrameReader } from '../program/frames.ts'
import type { Program, Section } from '../program/program.ts'
import { type Conversation, converse, type Ending } from './conversation.ts'
import { type Judgement, judge } from './judgement.ts'
import type { Line } from './line.ts'
import { masking } from './mask.ts'
import { Narrator } from './narrator.ts'
import { toTheEnd } from './persistence.ts'
import type { RunRequest } from './request.ts'
import type { SudoPasswords } from './sudo.ts'
import { tellPlan } from './tellings.ts'

/** What one program is run for, and over what. */
export interface ProgramCall {
  readonly request: RunRequest
  readonly host: Host
  readonly line: Line
  readonly connection: Connection
  readonly passwords: SudoPasswords
  /** The run's id, as the host knows this program's run. */
  readonly run: string
  readonly asked: Asked
}

/** What a program came to. */
export interface ProgramEnd extends Judgement {
  readonly counts: Counts
  /** The step that failed. */
  readonly at: { readonly task: string; readonly step: string } | undefined
}

/** Does sections of steps as one program over one channel; where the connection is lost it is read on over a new one. */
export async function runProgram(sections: readonly Section[], call: ProgramCall): Promise<ProgramEnd> {
  const { request, host, line, connection } = call
  const compiled = compile(sections, { host: host.name, loginUser: connection.user, style: 'wire' })
  const program = hiding(compiled, request.hidden)
  tellPlan(request, host, program)
  const talk = conversation(program, call)
  const first = await converse(connection, program, talk)
  const goesOn = isTakenUp(talk)
  const ending = goesOn ? await toTheEnd(first, { ...request, host: host.name, line, goOn: goOn(talk) }) : first
  const { failure, counts } = talk.narrator
  return { ...judge({ host: host.name, failure, ...hints(talk, ending) }, ending), counts, at: failure }
}

/** A run that sends no secret may hear one: a rollback, where the release says what it knows. */
function hiding(program: Program, hidden: readonly string[] = []): Program {
  return hidden.length === 0 ? program : { ...program, data: [...program.data, secret('hidden', '', { hidden })] }
}

function conversation(program: Program, { request, host, line, passwords, run, asked }: ProgramCall): Conversation {
  const marker = `tasks-${randomBytes(16).toString('hex')}`
  const mask = masking(hiddenIn(program.data))
  const holder = { ...asked, since: new Date().toISOString() }
  const head: RunHead = { marker, run, mode: request.mode, wait: request.wait, holder }
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
    waited: () => line.waited(),
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

function hints(talk: Conversation, ending: Ending) {
  const goesOn = ending.kind === 'lost' && ending.hasBegun && isTakenUp(talk)
  const { site } = talk.head.holder
  const where = site === undefined ? `--host ${talk.host}` : `--site ${site}`
  return {
    again: 'run the same command again: it goes on from there',
    whenLost: goesOn ? `the run goes on there; follow it with: tasks attach ${where}` : 'run the same command again',
  }
}
