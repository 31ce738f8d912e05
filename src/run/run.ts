import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { addCounts, noCounts } from '../core/counts.ts'
import { type ErrorCode, exitCodes } from '../core/errors.ts'
import type { Emit, RunWire } from '../core/event.ts'
import type { Outcome } from '../core/outcome.ts'
import { askedFor } from './asked.ts'
import { inBatches } from './batches.ts'
import { hasDrift, runWithDrift } from './drift.ts'
import { plan } from './graph.ts'
import { Handed } from './handed.ts'
import { type HostResult, HostSession } from './host-session.ts'
import { doLocally, type LocalEnd } from './local-part.ts'
import { type Phase, phasesOf } from './phases.ts'
import type { HostOutcome, RunRequest, RunResult } from './request.ts'
import { sumOfWires } from './wires.ts'
import type { Work } from './work.ts'

/**
 * Does tasks on their hosts, with all that they need and all that follows them. What happens is told as events, from `run.started` to
 * `run.finished`; failures of hosts and people are events and an exit code. Rejects only for bad usage, bad config, and bugs.
 */
export async function run(request: RunRequest): Promise<RunResult> {
  return hasDrift(request) ? await runWithDrift(request, runPlainly) : await runPlainly(request)
}

async function runPlainly(request: RunRequest): Promise<RunResult> {
  setMaxListeners(0, request.stop, request.kill) // each host listens
  const started = Date.now()
  const planned = plan(request)
  const run = runId(new Date(started))
  const { mode } = request
  const heard = new WouldRun(request.emit)
  const asked = askedFor(request, planned)
  request.emit({
    type: 'run.started',
    run,
    mode,
    tasks: planned.map(({ label }) => label),
    hosts: request.hosts.map(({ name }) => name),
    at: new Date(started).toISOString(),
    asked,
  })
  const handed = new Handed()
  const work = { request: { ...request, emit: heard.take }, run, asked, handed }
  const { hosts, local } = await doPhases(phasesOf(planned), work)
  const ends = [...hosts, ...local]
  const outcome = worst(ends.map((end) => end.outcome))
  const counts = hosts.map((result) => result.counts).reduce(addCounts, noCounts)
  const wire = wireOf(hosts)
  request.emit({ type: 'run.finished', run, mode, outcome, counts, wire, took: Date.now() - started })
  const codes = ends.flatMap(({ error }) => error?.code ?? [])
  const came = { run, outcome, counts, wire, exitCode: exitCode(outcome, codes), wouldRun: heard.count }
  return { ...came, hosts: hosts.map(told), returned: handed.all() }
}

function told({ host, outcome, counts, error }: HostResult): HostOutcome {
  return { host, outcome, counts, ...(error && { error }) }
}

/** Counts what a dry run says that it would do. */
class WouldRun {
  readonly #emit: Emit
  count = 0

  constructor(emit: Emit) {
    this.#emit = emit
  }

  readonly take: Emit = (event) => {
    if (event.type === 'task.finished' && event.verdict === 'would run') this.count++
    this.#emit(event)
  }
}

interface Ends {
  readonly hosts: readonly HostResult[]
  readonly local: readonly LocalEnd[]
}

/** One after the other; what did not do well is the last one. */
async function doPhases(phases: readonly Phase[], work: Work): Promise<Ends> {
  const sessions = work.request.hosts.map((host) => new HostSession(work, host))
  const hosts: HostResult[] = []
  const local: LocalEnd[] = []
  const last = phases.findLast(({ kind }) => kind === 'hosts')
  const isWell = () => [...sessions, ...local].every(({ outcome }) => outcome === 'done')
  try {
    for (const phase of phases) {
      if (!isWell()) break
      if (phase.kind === 'local') local.push(await doLocally(phase.task, work, sessions))
      else {
        await inBatches(sessions, work.request, async (session) => {
          await session.do(phase.tasks)
          if (phase === last || session.outcome !== 'done') hosts.push(await session.end())
        })
      }
    }
  } finally {
    // What a failure elsewhere has kept from going on
    for (const session of sessions) if (last && session.isOpen) hosts.push(await session.end())
  }
  return { hosts, local }
}

/** Sortable by time, and readable: `20261122T014512-3fa9c1`. */
export function runId(now: Date): string {
  const time = now.toISOString().replace(/[-:]/g, '').slice(0, 15)
  return `${time}-${randomBytes(3).toString('hex')}`
}

function worst(outcomes: readonly Outcome[]): Outcome {
  const order: readonly Outcome[] = ['interrupted', 'failed', 'unknown', 'done']
  return order.find((outcome) => outcomes.includes(outcome)) ?? 'done'
}

function wireOf(results: readonly HostResult[]): RunWire {
  const requests = results.reduce((total, result) => total + result.requests, 0)
  return { ...sumOfWires(results.map(({ wire }) => wire)), requests }
}

function exitCode(outcome: Outcome, codes: readonly ErrorCode[]): number {
  if (outcome === 'done') return 0
  const order: readonly ErrorCode[] = ['interrupted', 'failed', 'config', 'usage', 'unreachable', 'refused', 'locked']
  const code = order.find((known) => codes.includes(known)) ?? 'failed'
  return exitCodes[code]
}
