import { userInfo } from 'node:os'
import type { Host } from '../core/app.ts'
import type { Connection, Wire } from '../core/connection.ts'
import { addCounts, noCounts } from '../core/counts.ts'
import { isTasksError, type TasksError } from '../core/errors.ts'
import type { Emit } from '../core/event.ts'
import type { RemoteHost } from '../core/free-form.ts'
import type { Outcome } from '../core/outcome.ts'
import type { Step, Verdict } from '../core/step.ts'
import type { Section } from '../program/program.ts'
import { type PlaceOnHost, taskContext } from './contexts.ts'
import { filesOf } from './free-form/files.ts'
import type { MachineParts } from './free-form/machine.ts'
import { remoteHost } from './free-form/remote-host.ts'
import { doFunction } from './functions.ts'
import type { PlannedTask } from './graph.ts'
import { notYetDone } from './handed.ts'
import { type ProgramEnd, runProgram } from './host-program.ts'
import { Line } from './line.ts'
import { masking } from './mask.ts'
import { type Piece, piecesOf } from './phases.ts'
import type { HostOutcome } from './request.ts'
import { sectionsFor } from './sections.ts'
import type { SudoPasswords } from './sudo.ts'
import { tellFailure } from './tellings.ts'
import { isDoneOn, type Work } from './work.ts'

/** What came of one host, and what it took. */
export interface HostResult extends HostOutcome {
  readonly wire: Wire
  readonly requests: number
}

/**
 * One host's part of a run: one connection, and a program for all steps that no function stands between. Tells all as events, failures
 * too, and does not reject for what a host or a person can do.
 */
export class HostSession {
  readonly host: Host
  readonly #work: Work
  readonly #line: Line
  readonly #emit: Emit
  readonly #passwords: SudoPasswords = new Map()
  readonly #stops = new WeakMap<TasksError, Stop>()
  #connection: Connection | undefined
  #programs = 0
  #counts = noCounts
  #outcome: Outcome = 'done'
  #error: TasksError | undefined
  #isOpen = true

  constructor(work: Work, host: Host) {
    this.host = host
    this.#work = work
    this.#line = new Line(work.request, host)
    this.#emit = once(work.request.emit)
  }

  get outcome(): Outcome {
    return this.#outcome
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Where it is, as far as that is known: the login is a guess until the host was reached. */
  get place(): PlaceOnHost {
    const { request, handed } = this.#work
    const loginUser = this.#connection?.user ?? this.host.user ?? userInfo().username
    return { request, handed, host: this.host, loginUser }
  }

  /** Does tasks of the plan, in order, until one does not do well. */
  async do(tasks: readonly PlannedTask[]): Promise<void> {
    try {
      const own = tasks.filter(({ task }) => isDoneOn(task, this.host, this.#work))
      if (own.length > 0) await this.#doAll(piecesOf(own))
    } catch (error) {
      if (!isTasksError(error)) throw error
      this.#fail(error)
    }
  }

  /** Does nothing: others have failed before. */
  leaveOut(): void {
    this.#outcome = 'interrupted'
  }

  /** Ends the connection, and tells what came of the host. */
  async end(): Promise<HostResult> {
    this.#isOpen = false
    await this.#line.close()
    const { wire, requests } = this.#line.result()
    const came = { outcome: this.#outcome, counts: this.#counts }
    this.#work.request.emit({ type: 'host.finished', host: this.host.name, ...came })
    return { host: this.host.name, ...came, wire, requests, error: this.#error }
  }

  async #doAll(pieces: readonly Piece[]): Promise<void> {
    if (this.#isOnlyTold(pieces)) return await this.#doFunctions(pieces)
    const expected = this.place.loginUser
    // To dial and greet takes little of this side and long of the other: the project is read while the host answers
    let begin = () => {}
    const isUnderway = new Promise<void>((resolve) => {
      begin = resolve
    })
    const reading = isUnderway.then(() => this.#readAll(pieces))
    const connection = await this.#connected(reading, begin)
    const early = connection.user === expected ? await reading : new Map<Piece, readonly Section[]>()
    for (const piece of pieces) {
      if (piece.kind === 'function') await this.#function(piece.task)
      else await this.#program(early.get(piece) ?? (await this.#read(piece.tasks)))
    }
  }

  /** No function is done in a dry run: nobody need be connected to for its sake. */
  #isOnlyTold(pieces: readonly Piece[]): boolean {
    return this.#work.request.mode === 'dry-run' && pieces.every(({ kind }) => kind === 'function')
  }

  async #doFunctions(pieces: readonly Piece[]): Promise<void> {
    for (const piece of pieces) if (piece.kind === 'function') await this.#function(piece.task)
  }

  /** What is wrong with a project or a flag is told before what is wrong with a host, and before a host asks for anything. */
  async #connected(reading: Promise<unknown>, underway: () => void): Promise<Connection> {
    const { emit } = this.#work.request
    const { name, address } = this.host
    if (this.#connection) {
      underway()
      await reading
      return this.#connection
    }
    const connecting = this.#line.connect({ isWanted: reading, underway })
    connecting.then(underway, underway)
    await reading
    emit({ type: 'host.connecting', host: name, address })
    const connection = await connecting
    const { user, transport } = connection
    emit({ type: 'host.connected', host: name, user, ...(transport && { transport }) })
    this.#connection = connection
    return connection
  }

  /** What waits for a function's result cannot be read yet. */
  async #readAll(pieces: readonly Piece[]): Promise<ReadonlyMap<Piece, readonly Section[]>> {
    const read = new Map<Piece, readonly Section[]>()
    for (const piece of pieces) {
      if (piece.kind === 'function') continue
      try {
        read.set(piece, await this.#read(piece.tasks))
      } catch (error) {
        if (notYetDone(error) === undefined) throw error
      }
    }
    return read
  }

  async #read(tasks: readonly PlannedTask[]): Promise<readonly Section[]> {
    return await sectionsFor(tasks, { ...this.place, emit: this.#emit, mode: this.#work.request.mode })
  }

  async #program(sections: readonly Section[]): Promise<void> {
    if (sections.length === 0) return
    const { error } = await this.#run(sections)
    if (error) throw error
  }

  async #run(sections: readonly Section[], emit = this.#work.request.emit): Promise<ProgramEnd> {
    const { request, run, asked } = this.#work
    const connection = this.#connection ?? (await this.#connected(Promise.resolve(), () => undefined))
    this.#programs++
    const call = { host: this.host, line: this.#line, connection, passwords: this.#passwords, asked }
    const id = this.#programs === 1 ? run : `${run}-${this.#programs}`
    const end = await runProgram(sections, { ...call, request: { ...request, emit }, run: id })
    this.#connection = this.#line.latest ?? connection
    this.#counts = addCounts(this.#counts, end.counts)
    if (end.error) this.#stops.set(end.error, end)
    return end
  }

  async #function(planned: PlannedTask): Promise<void> {
    const { request, handed } = this.#work
    const { name } = this.host
    if (planned.task.when?.(taskContext(planned, this.place)) === false) return
    try {
      const value = await doFunction({ request, task: planned.label, host: name }, ({ machine, ...free }) => {
        const context = taskContext(planned, this.place)
        return planned.task.run?.({
          ...context,
          ...free,
          host: this.#remoteHost(machine, context.host.siteUser),
          step: this.#stepsOf(planned),
        })
      })
      if (request.mode !== 'dry-run') handed.keep(planned, value, name)
    } catch (error) {
      if (isTasksError(error) && !this.#stops.has(error)) this.#stops.set(error, { at: { task: planned.label } })
      throw error
    }
  }

  #remoteHost(machine: Omit<MachineParts, 'connection'>, siteUser: string): RemoteHost {
    const connection = this.#connection
    if (connection === undefined) throw new TypeError('A function of a host is done once that host was reached.')
    const { request } = this.#work
    const session = { connection, passwords: this.#passwords, waited: () => this.#line.waited() }
    const transfers = filesOf({
      ...session,
      host: this.host.name,
      ask: request.ask,
      localFolder: request.app.root,
      emit: request.emit,
      mask: masking(request.hidden ?? []),
      signal: request.kill,
    })
    const parts = { ...machine, ...session, host: this.host, siteUser, transfers }
    return request.standIns?.remote(parts) ?? remoteHost(parts)
  }

  /** Steps between a function's commands: a program of their own. */
  #stepsOf({ label, task: { summary } }: PlannedTask) {
    return async (...steps: readonly Step[]): Promise<Readonly<Record<string, Verdict>>> => {
      const verdicts: Record<string, Verdict> = {}
      const { emit } = this.#work.request
      const end = await this.#run([{ task: label, summary, steps }], (event) => {
        if (event.type === 'step.finished') verdicts[event.step.slice(label.length + 1)] = event.verdict
        emit(event)
      })
      if (end.error) throw end.error
      return verdicts
    }
  }

  #fail(error: TasksError): void {
    const { outcome = outcomeOf(error, this.#connection !== undefined), at } = this.#stops.get(error) ?? {}
    this.#outcome = outcome
    this.#error = error
    tellFailure(this.#work.request, this.host, error, at)
  }
}

/** Where an error came up, and what it makes of the run, as far as is known there. */
interface Stop {
  readonly outcome?: Outcome
  readonly at?: { readonly task: string; readonly step?: string } | undefined
}

/** Nobody knows what became of a command whose connection was lost. */
function outcomeOf({ code }: TasksError, wasConnected: boolean): Outcome {
  if (code === 'interrupted') return 'interrupted'
  return code === 'unreachable' && wasConnected ? 'unknown' : 'failed'
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
