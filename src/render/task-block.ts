import {
  type Block,
  elapsedWords,
  faintNote,
  type Item,
  iconOf,
  type Look,
  progressWords,
  type Quote,
  resultWords,
  said,
} from './block.ts'
import type { Line } from './line.ts'
import type { Row } from './listr.ts'
import { printableLines } from './printable.ts'
import { countsOf, type StepProgress } from './progress.ts'
import { verdictWords } from './verdict-words.ts'
import { marks, total } from './words.ts'

interface Place {
  readonly look: Look
  readonly depth: number
  readonly state: Row['state']
}

/** A task and those of its steps that are worth a row: met ones, and those that a failure kept from being done, are only counted, unless all is wanted. */
export function taskBlock({ state, subject }: Row, look: Look, depth: number): readonly Block[] {
  if (subject.kind !== 'task') return []
  const steps = [...subject.task.steps.values()]
  if (steps.length === 0 && (subject.host.isPlanned || state === 'closed')) return []
  const counts = countsOf(steps)
  const isWaiting = state === 'waiting'
  const words = state === 'closed' ? resultWords(counts, steps) : progressWords(total(counts), steps.length)
  const head: Line = {
    depth,
    icon: iconOf(state, look, counts),
    text: [isWaiting ? 'faint' : 'strong', subject.task.name],
    note: isWaiting ? [] : faintNote(words),
  }
  return [{ state, head, body: steps.flatMap((step) => stepItems(step, { look, depth: depth + 1, state })) }]
}

function stepItems(step: StepProgress, place: Place): readonly Item[] {
  const { finished } = step
  if (finished === undefined) return unfinishedItems(step, place)
  const { look, depth } = place
  const isMet = finished.verdict === 'met'
  const isQuiet = isMet || (finished.verdict === 'skipped' && finished.because === undefined)
  if (isQuiet && !look.isVerbose && look.progress.mode !== 'dry-run') return []
  const { icon, style } = marks[finished.verdict]
  const title: Line['text'] = [isMet ? 'faint' : 'plain', step.title]
  return [
    { depth, icon: [style, icon], text: title, note: verdictWords(finished) },
    ...preview(step, place),
    ...(look.isVerbose && finished.verdict === 'changed' ? said(step.output.lines(), depth + 1) : []),
  ]
}

/** In step mode the preview was shown with the question; in a run, nobody asked for it. */
function preview(step: StepProgress, { look, depth }: Place): readonly Quote[] {
  const { mode } = look.progress
  if (step.preview === undefined || !(mode === 'dry-run' || (mode === 'run' && look.isVerbose))) return []
  return [{ depth: depth + 1, quote: 'preview', lines: printableLines(step.preview) }]
}

function unfinishedItems(step: StepProgress, { look, depth, state }: Place): readonly Item[] {
  if (state === 'closed') {
    if (!step.isApplying) return []
    return [{ depth, icon: ['bad', '?'], text: ['plain', step.title], note: [['bad', 'not finished']] }]
  }
  if (step.startedAt === undefined) return []
  const line: Line = {
    depth,
    icon: ['busy', look.spinner],
    text: ['plain', step.title],
    note: faintNote(elapsedWords(step, look)),
  }
  return [line, ...said(step.output.lines(look.isVerbose ? 12 : 4), depth + 1)]
}
