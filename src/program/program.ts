import type { Data } from '../core/data.ts'
import type { Step } from '../core/step.ts'

/** The steps of one task, in their order, and the lock that they are done under. */
export interface Section {
  readonly task: string
  readonly summary: string
  /** The name of the lock; absent where anybody may do it at the same time. */
  readonly lock?: string | undefined
  readonly steps: readonly Step[]
}

/** A step at its place in a program. Frames name it by its number. */
export interface PlacedStep {
  readonly number: number
  readonly task: string
  /** `task/name`: the id that events carry. */
  readonly id: string
  readonly step: Step
}

/** What a host runs, and what the client must know to understand what it says. */
export interface Program {
  /** POSIX sh text; holds no secret, no run id and no mode: the same for a dry run and for the run. */
  readonly text: string
  readonly sections: readonly Section[]
  /** In order; the step with number n is at n - 1. */
  readonly steps: readonly PlacedStep[]
  readonly data: readonly Data[]
  /** Whether any step is done by somebody else than the login user. */
  readonly needsRoot: boolean
  /** Whether any step has an apply. A program that only looks leaves nothing on the host, not even a journal. */
  readonly canChange: boolean
}

/** How a program is written: for the wire (a typo in one fragment stays there), or to be read and run by hand. */
export type Style = 'wire' | 'by-hand'

/** Text that stands in a comment: on one line, with nothing that a terminal would obey. */
export function comment(text: string): string {
  return text.replace(/[^\P{C}]+/gu, ' ')
}
