import type { StepFinished } from '../core/step-events.ts'
import { duration } from './duration.ts'
import type { Piece } from './line.ts'
import { printableLine } from './printable.ts'
import { marks, someOf } from './words.ts'

/** `changed (12.3 s)`, `after: packages`: the verdict and what a person wants to know with it. */
export function verdictWords(event: StepFinished): readonly Piece[] {
  const { verdict, took } = event
  const words: Piece = [marks[verdict].style, verdict + details(event)]
  return took < 1000 || verdict === 'met' ? [words] : [words, ['faint', ` (${duration(took)})`]]
}

function details({ verdict, after = [], because, task }: StepFinished): string {
  if (verdict === 'skipped' && because !== undefined) return `: ${printableLine(because)}`
  if (after.length === 0) return ''
  const names = after.map((step) => printableLine(step.startsWith(`${task}/`) ? step.slice(task.length + 1) : step))
  return `: ${someOf(names, 2)}`
}
