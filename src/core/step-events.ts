import type { Verdict } from './step.ts'

/** What the program holds, before its first step: renderers can count. */
export interface StepsPlanned {
  readonly type: 'steps.planned'
  readonly host: string
  readonly steps: readonly { readonly task: string; readonly step: string; readonly title: string }[]
}

interface OfStep {
  readonly host: string
  readonly task: string
  readonly step: string
  readonly title: string
}

/** `elapsed` is milliseconds since the first step of this host began, by the host's own clock: the same whoever tells the run, and when. */
export interface StepStarted extends OfStep {
  readonly type: 'step.started'
  readonly elapsed: number
}

/** What the step would do: a unified diff, a list, a command. Masked. */
export interface StepPreviewed extends OfStep {
  readonly type: 'step.previewed'
  readonly text: string
}

export interface StepApplying extends OfStep {
  readonly type: 'step.applying'
}

/** What the step's machine said, in pieces as it came. Masked. */
export interface StepOutput extends OfStep {
  readonly type: 'step.output'
  readonly text: string
}

export interface StepFinished extends OfStep {
  readonly type: 'step.finished'
  readonly verdict: Verdict
  /** With `after`: the steps that decide it. */
  readonly after?: readonly string[]
  /** With `failed`, `unknown`, `skipped`: why, in one sentence. */
  readonly because?: string
  readonly hint?: string
  /** The last lines that the machine said, with `failed` and `unknown`. */
  readonly output?: string
  /** Milliseconds. The time that a person took to answer is not in it. */
  readonly took: number
  /** When it ended, as `step.started` tells when it began. */
  readonly elapsed: number
}

export interface ValueSet {
  readonly type: 'value.set'
  readonly host: string
  readonly name: string
  readonly value: string
}

/** The host asked for a file that it lacked. */
export interface DataSent {
  readonly type: 'data.sent'
  readonly host: string
  readonly what: 'content' | 'secret' | 'stream'
  readonly id: string
  readonly bytes: number
}
