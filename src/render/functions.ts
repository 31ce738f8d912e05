import type { TaskFinished } from '../core/function-events.ts'
import { duration } from './duration.ts'
import type { Piece } from './line.ts'
import { marks } from './words.ts'

/** How many functions came to what; steps are counted apart. */
export type FunctionCounts = Readonly<Record<TaskFinished['verdict'], number>>

export const noFunctions: FunctionCounts = { done: 0, met: 0, 'would run': 0, skipped: 0, failed: 0 }

/** The icon of a task that is a function, once it has ended. */
export function functionIcon({ verdict }: TaskFinished): Piece {
  const { icon, style } = marks[verdictMarks[verdict]]
  return [style, icon]
}

const verdictMarks = {
  done: 'changed',
  met: 'met',
  'would run': 'would change',
  skipped: 'skipped',
  failed: 'failed',
} as const

/** `done (1.2 s)` */
export function functionWords({ verdict, took }: TaskFinished): Piece {
  const [style, words] = said[verdict]
  return [style, took < 1000 ? words : `${words} (${duration(took)})`]
}

const said = {
  done: ['good', 'done'],
  met: ['faint', 'nothing has changed'],
  'would run': ['pending', 'would run'],
  skipped: ['pending', 'skipped'],
  failed: ['bad', 'failed'],
} as const
