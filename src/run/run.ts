import { randomBytes } from 'node:crypto'
import { type ErrorCode, exitCodes } from '../core/errors.ts'
import { addCounts, noCounts, type Outcome, type RunWire } from '../core/event.ts'
import { askedFor } from './asked.ts'
import { runWithDrift } from './drift.ts'
import { type PlannedTask, plan } from './graph.ts'
import { type HostResult, runOnHost } from './host-run.ts'
import { runLocalParts } from './local-part.ts'
import type { RunRequest, RunResult } from './request.ts'
import { sumOfWires } from './wires.ts'

/**
 * Does a task on its hosts, with all that it needs and all that follows it. What happens is told as events, from `run.started` to
 * `run.finished`; failures of hosts and people are events and an exit code. Rejects only for bad usage, bad config, and bugs.
 */
export async function run(request: RunRequest): Promise<RunResult> {
  return request.task.driftOf === undefined ? await runPlainly(request) : await runWithDrift(request, runPlainly)
}

async function runPlainly(request: RunRequest): Promise<RunResult> {
  const started = Date.now()
  const planned = plan(request)
  const id = runId(new Date(started))
  const { mode, emit } = request
  emit({
    type: 'run.started',
    run: id,
    mode,
    tasks: planned.map(({ task }) => task.name),
    hosts: request.hosts.map(({ name }) => name),
    at: new Date(started).toISOString(),
    asked: askedFor(request, planned),
  })
  const results = await onAllHosts(request, planned, id)
  const local = await localResult(request, planned, results)
  const outcome = worst([...results.map((result) => result.outcome), local])
  const counts = results.map((result) => result.counts).reduce(addCounts, noCounts)
  emit({ type: 'run.finished', run: id, mode, outcome, counts, wire: wireOf(results), took: Date.now() - started })
  return {
    run: id,
    outcome,
    counts,
    exitCode: exitCode(
      outcome,
      results.flatMap(({ code }) => code ?? []),
    ),
  }
}

/** Sortable by time, and readable: `20261122T014512-3fa9c1`. */
export function runId(now: Date): string {
  const time = now.toISOString().replace(/[-:]/g, '').slice(0, 15)
  return `${time}-${randomBytes(3).toString('hex')}`
}

async function onAllHosts(
  request: RunRequest,
  planned: readonly PlannedTask[],
  run: string,
): Promise<readonly HostResult[]> {
  const results: HostResult[] = []
  const waiting = [...request.hosts]
  const worker = async () => {
    for (let host = waiting.shift(); host; host = waiting.shift()) {
      results.push(await runOnHost(request, { host, planned, run }))
    }
  }
  await Promise.all(Array.from({ length: Math.min(request.jobs, waiting.length) }, worker))
  return results
}

async function localResult(
  request: RunRequest,
  planned: readonly PlannedTask[],
  results: readonly HostResult[],
): Promise<Outcome> {
  if (request.mode === 'dry-run' || results.some(({ outcome }) => outcome !== 'done')) return 'done'
  return runLocalParts(request, planned, results)
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
