import { addCounts, type Counts, type Mode, noCounts } from '../core/event.ts'
import { duration, wholeSeconds } from './duration.ts'
import type { Line, Piece } from './line.ts'
import type { Row } from './listr.ts'
import { countsOf, type HostProgress, hostCounts, type Progress, remainingOf, type StepProgress } from './progress.ts'
import { verdictWords } from './verdict-words.ts'
import { countWords, marks, plural, total } from './words.ts'

/** A row of the tree with what is shown below it. */
export interface Block {
  readonly state: Row['state']
  readonly head: Line
  readonly body: readonly Item[]
}

/** A line of ours, or the lines that a step's machine said or a preview told, as `quote`. */
export type Item = Line | Quote

export interface Quote {
  readonly depth: number
  readonly quote: 'output' | 'preview'
  readonly text: string | readonly string[]
}

export interface Look {
  readonly progress: Progress
  readonly isVerbose: boolean
  readonly now: number
  /** The picture that turns, now. */
  readonly spinner: string
}

/** The block of one row and all that is below it; absent where there is nothing to tell of it. */
export function blockOf(row: Row, look: Look, depth = 0): Block | undefined {
  switch (row.subject.kind) {
    case 'host':
      return hostBlock(row, row.subject.host, look)
    case 'task':
      return taskBlock(row, row.subject.host, { look, depth })
    case 'step':
      return undefined
    case 'crowd':
      return crowdBlock(row, look)
    case 'local':
      return localBlock(row, look)
  }
}

export function isQuote(item: Item): item is Quote {
  return 'quote' in item
}

function hostBlock(row: Row, host: HostProgress, look: Look): Block {
  const counts = hostCounts(host)
  const tasks = row.rows.flatMap((task) => blockOf(task, look, 1) ?? [])
  const note: Piece =
    host.waiting !== undefined && row.state !== 'closed' ? ['pending', host.waiting] : noteOf(row, host, { counts })
  const head: Line = {
    depth: 0,
    icon: iconOf(row.state, { isBad: host.outcome !== 'done', counts }, look),
    text: ['strong', host.name],
    note: pieces(note),
  }
  return { state: row.state, head, body: tasks.flatMap((task) => [task.head, ...task.body]) }
}

function taskBlock(
  row: Row,
  host: HostProgress,
  { look, depth }: { readonly look: Look; readonly depth: number },
): Block | undefined {
  if (row.subject.kind !== 'task') return undefined
  const steps = [...row.subject.task.steps.values()]
  if (steps.length === 0 && (host.isPlanned || row.state === 'closed')) return undefined
  const counts = countsOf(steps)
  const left = steps.length - total(counts)
  const took = steps.reduce((sum, step) => sum + (step.finished?.took ?? 0), 0)
  const note = row.state === 'closed' ? closedNote(counts, left, took) : activeNote(row, total(counts), steps.length)
  const head: Line = {
    depth,
    icon: iconOf(row.state, { isBad: false, counts }, look),
    text: [row.state === 'waiting' ? 'faint' : 'strong', row.subject.task.name],
    note: pieces(note),
  }
  return {
    state: row.state,
    head,
    body: steps.flatMap((step) => stepItems(step, depth + 1, { look, isOver: row.state === 'closed' })),
  }
}

function stepItems(
  step: StepProgress,
  depth: number,
  { look, isOver }: { readonly look: Look; readonly isOver: boolean },
): readonly Item[] {
  const { finished } = step
  if (finished === undefined && isOver) return step.isApplying ? [unfinishedLine(step, depth)] : []
  if (finished === undefined) return step.startedAt === undefined ? [] : runningItems(step, depth, look)
  const { mode } = look.progress
  if (finished.verdict === 'met' && !look.isVerbose && mode !== 'dry-run') return []
  const { icon, style } = marks[finished.verdict]
  const line: Line = {
    depth,
    icon: [style, icon],
    text: [finished.verdict === 'met' ? 'faint' : 'plain', step.title],
    note: verdictWords(finished),
  }
  const hasPreview = step.preview !== undefined && isShown(mode, look)
  const hasOutput = look.isVerbose && finished.verdict === 'changed'
  return [
    line,
    ...(hasPreview ? [{ depth: depth + 1, quote: 'preview', text: step.preview ?? '' } as const] : []),
    ...(hasOutput ? [{ depth: depth + 1, quote: 'output', text: step.output.lines() } as const] : []),
  ]
}

function unfinishedLine(step: StepProgress, depth: number): Line {
  return { depth, icon: ['bad', '?'], text: ['plain', step.title], note: [['bad', 'not finished']] }
}

/** In step mode the preview was shown with the question. */
function isShown(mode: Mode, { isVerbose }: Look): boolean {
  return mode === 'dry-run' || (mode === 'run' && isVerbose)
}

function runningItems(step: StepProgress, depth: number, look: Look): readonly Item[] {
  const since = look.now - (step.startedAt ?? look.now)
  const note: readonly Piece[] = since < 1000 ? [] : [['faint', wholeSeconds(since)]]
  const line: Line = { depth, icon: ['busy', look.spinner], text: ['plain', step.title], note }
  const said = step.output.lines(look.isVerbose ? 12 : 4)
  return said.length === 0 ? [line] : [line, { depth: depth + 1, quote: 'output', text: said }]
}

function crowdBlock(row: Row, look: Look): Block {
  const hosts = [...look.progress.hosts.values()]
  const ended = hosts.filter((host) => host.outcome !== undefined)
  const failed = ended.filter((host) => host.outcome !== 'done')
  const words = [
    `${ended.length - failed.length} done`,
    ...(failed.length === 0 ? [] : [`${failed.length} failed`]),
    ...(row.state === 'closed' ? [] : [`${hosts.length - ended.length} at work`]),
  ]
  const counts = hosts.map(hostCounts).reduce(addCounts, noCounts)
  const icon = iconOf(row.state, { isBad: failed.length > 0, counts }, look)
  const head: Line = {
    depth: 0,
    icon,
    text: ['strong', plural(hosts.length, 'host')],
    note: [['faint', words.join(', ')]],
  }
  return { state: row.state, head, body: row.state === 'closed' ? [] : tasksAtWork(hosts) }
}

/** How many of the hosts are at which task. */
function tasksAtWork(hosts: readonly HostProgress[]): readonly Item[] {
  const at = new Map<string, number>()
  for (const host of hosts.filter(({ outcome, isPlanned }) => outcome === undefined && isPlanned)) {
    const task = [...host.tasks.values()].find(({ steps }) =>
      [...steps.values()].some((step) => step.finished === undefined),
    )
    if (task !== undefined) at.set(task.name, (at.get(task.name) ?? 0) + 1)
  }
  return [...at].map(
    ([task, count]): Line => ({
      depth: 1,
      icon: ['faint', '·'],
      text: ['plain', task],
      note: [['faint', plural(count, 'host')]],
    }),
  )
}

function localBlock(row: Row, look: Look): Block | undefined {
  const { local, finished } = look.progress
  if (local === undefined) return undefined
  const isBad = finished?.outcome !== 'done'
  const head: Line = {
    depth: 0,
    icon: row.state === 'closed' && !isBad ? ['good', '✔'] : iconOf(row.state, { isBad }, look),
    text: ['strong', `${local.task}, on this machine`],
  }
  const shown = row.state === 'closed' && !look.isVerbose ? 0 : look.isVerbose ? 200 : 4
  const said = local.output.lines().slice(-shown)
  return {
    state: row.state,
    head,
    body: shown === 0 || said.length === 0 ? [] : [{ depth: 1, quote: 'output', text: said }],
  }
}

function noteOf(row: Row, host: HostProgress, { counts }: { readonly counts: Counts }): Piece {
  const left = remainingOf(host)
  if (row.state !== 'closed') return activeNote(row, total(counts), total(counts) + left)
  const took = [...host.tasks.values()]
    .flatMap((task) => [...task.steps.values()])
    .reduce((sum, step) => sum + (step.finished?.took ?? 0), 0)
  return closedNote(counts, left, took)
}

function activeNote(row: Row, done: number, all: number): Piece {
  return ['faint', row.state === 'waiting' || all === 0 ? '' : `${done} of ${all}`]
}

function closedNote(counts: Counts, left: number, took: number): Piece {
  const words = [countWords(counts), left === 0 ? '' : `${left} not reached`].filter((part) => part !== '').join(', ')
  return ['faint', took < 1000 ? words : `${words} (${duration(took)})`]
}

function pieces(note: Piece): readonly Piece[] {
  return note[1] === '' ? [] : [note]
}

function iconOf(
  state: Row['state'],
  { isBad, counts = noCounts }: { readonly isBad: boolean; readonly counts?: Counts },
  look: Look,
): Piece {
  if (state === 'waiting') return ['faint', '○']
  if (state === 'active') return ['busy', look.spinner]
  if (isBad || counts.failed + counts.unknown > 0) return ['bad', '✖']
  if (counts.changed > 0) return ['good', '✔']
  if (counts.wouldChange > 0) return ['pending', '~']
  if (counts.after > 0) return ['later', '↳']
  return counts.met > 0 ? ['faint', '✔'] : ['faint', '○']
}
