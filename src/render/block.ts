import { type Counts, noCounts } from '../core/counts.ts'
import { duration, wholeSeconds } from './duration.ts'
import type { Line, Piece } from './line.ts'
import type { Row } from './listr.ts'
import type { Progress, StepProgress } from './progress.ts'
import { countWords } from './words.ts'

/** A row of the tree with what is shown below it. */
export interface Block {
  readonly state: Row['state']
  readonly head: Line
  readonly body: readonly Item[]
}

export type Item = Line | Quote

/** Lines that are not ours: what a machine said, or what a step would do. */
export interface Quote {
  readonly depth: number
  readonly quote: 'output' | 'preview'
  readonly lines: readonly string[]
}

/** What a picture is made from, besides the row. */
export interface Look {
  readonly progress: Progress
  readonly isVerbose: boolean
  readonly now: number
  /** The one icon that moves, as it is now. */
  readonly spinner: string
}

export function isQuote(item: Item): item is Quote {
  return 'quote' in item
}

/** What a machine said, or nothing where it said nothing. */
export function said(lines: readonly string[], depth: number): readonly Quote[] {
  return lines.length === 0 ? [] : [{ depth, quote: 'output', lines }]
}

export function faintNote(...parts: readonly string[]): readonly Piece[] {
  const words = parts.filter((part) => part !== '').join('  ')
  return words === '' ? [] : [['faint', words]]
}

/** `12 of 35` */
export function progressWords(done: number, all: number): string {
  return all === 0 ? '' : `${done} of ${all}`
}

/** `4 changed, 31 already so (41 s)` */
export function resultWords(counts: Counts, steps: readonly StepProgress[]): string {
  const left = steps.filter((step) => step.finished === undefined).length
  const took = steps.reduce((sum, step) => sum + (step.finished?.took ?? 0), 0)
  const words = [countWords(counts), left === 0 ? '' : `${left} not reached`].filter((part) => part !== '').join(', ')
  return took < 1000 ? words : `${words} (${duration(took)})`
}

/** How long it has been at work, once that is worth telling. */
export function elapsedWords(step: StepProgress, look: Look): string {
  const since = look.now - (step.startedAt ?? look.now)
  return since < 1000 ? '' : wholeSeconds(since)
}

/** Tells at a glance what a row came to: the worst of what is in it, or the most. */
export function iconOf(state: Row['state'], look: Look, counts: Counts = noCounts): Piece {
  if (state === 'waiting') return ['faint', '○']
  if (state === 'active') return ['busy', look.spinner]
  if (counts.failed + counts.unknown > 0) return failedIcon
  if (counts.changed > 0) return ['good', '✔']
  if (counts.wouldChange > 0) return ['pending', '~']
  if (counts.after > 0) return ['later', '↳']
  return counts.met > 0 ? ['faint', '✔'] : ['faint', '○']
}

export const failedIcon: Piece = ['bad', '✖']
