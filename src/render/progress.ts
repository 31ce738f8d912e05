import { type Counts, counted, noCounts } from '../core/counts.ts'
import type { LockHolder, Mode, RunFinished } from '../core/event.ts'
import type { Outcome } from '../core/outcome.ts'
import type { StepFinished } from '../core/step-events.ts'
import type { FunctionCounts } from './functions.ts'
import { printableLine } from './printable.ts'
import type { Tail } from './tail.ts'

/** What is known of a run so far, kept from its events alone. All texts in it are harmless on a terminal. */
export interface Progress {
  readonly mode: Mode
  readonly tasks: readonly string[]
  readonly hosts: ReadonlyMap<string, HostProgress>
  /** What the tasks that are functions came to. */
  readonly functions: FunctionCounts
  /** What free-form tasks run just now. */
  readonly commands: ReadonlyMap<string, RunningCommand>
  readonly finished: RunFinished | undefined
}

export interface RunningCommand {
  /** Undefined on the person's own machine. */
  readonly host: string | undefined
  readonly command: string
  readonly startedAt: number
}

export interface HostProgress {
  /** As events name it. */
  readonly id: string
  readonly name: string
  readonly address: string
  /** `elspeth@203.0.113.10`, as far as it is known. */
  readonly login: string
  /** What the host is waited for, while nothing else can be told of it. */
  readonly waiting: string | undefined
  readonly tasks: ReadonlyMap<string, TaskProgress>
  readonly isPlanned: boolean
  readonly outcome: Outcome | undefined
  readonly transfers: ReadonlyMap<string, TransferProgress>
}

/** A file or folder on its way. */
export interface TransferProgress {
  /** `put dist → /srv/app/dist` */
  readonly name: string
  readonly startedAt: number
  readonly total: number | undefined
  readonly bytes: number
  readonly isOver: boolean
}

export interface TaskProgress {
  readonly name: string
  readonly steps: ReadonlyMap<string, StepProgress>
}

export interface StepProgress {
  readonly host: string
  readonly task: string
  /** `task/name` */
  readonly step: string
  readonly title: string
  readonly startedAt: number | undefined
  /** Milliseconds by the host's own clock, as `step.started` tells them; what a person was waited for is not in it. */
  readonly began: number | undefined
  readonly isApplying: boolean
  readonly preview: string | undefined
  readonly finished: StepFinished | undefined
  readonly output: Tail
}

export function countsOf(steps: Iterable<StepProgress>): Counts {
  let counts = noCounts
  for (const { finished } of steps) if (finished !== undefined) counts = counted(counts, finished.verdict)
  return counts
}

export function hostCounts(host: HostProgress): Counts {
  return countsOf(stepsOf(host))
}

export function stepsOf(host: HostProgress): readonly StepProgress[] {
  return [...host.tasks.values()].flatMap((task) => [...task.steps.values()])
}

/** Planned steps that have no verdict. */
export function remainingOf(...hosts: readonly HostProgress[]): number {
  return hosts.flatMap(stepsOf).filter((step) => step.finished === undefined).length
}

export function lockWords(lock: string, holder: LockHolder): string {
  const since = holder.since.replace(/^.*T(\d\d:\d\d).*$/, '$1')
  const { place } = holder
  const at = place === undefined ? '' : `, now at step ${place.number} of ${place.of}: ${place.name}`
  return printableLine(
    `waiting for the lock "${lock}": ${holder.user}@${holder.machine} holds it since ${since} (run ${holder.run})${at}`,
  )
}

export function lostWords(event: { readonly because: string; readonly retryInSeconds?: number }): string {
  const next =
    event.retryInSeconds === undefined ? 'nothing more is tried' : `trying again in ${event.retryInSeconds} s`
  return printableLine(`connection lost (${event.because}); the host goes on by itself; ${next}`)
}
