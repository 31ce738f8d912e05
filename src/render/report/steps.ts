import { printableLine } from '../printable.ts'
import { countsOf, type HostProgress, type StepProgress, stepsOf, type TaskProgress } from '../progress.ts'
import { countWords, someOf } from '../words.ts'
import { type Html, html } from './html.ts'
import { isUnified, outputOf, previewOf, saidOf } from './quote.ts'
import { type Axis, track } from './timeline.ts'
import { type Fate, fateOf, fateWords, tookWords } from './words.ts'

/** Gives each step the anchor by which other parts of the page lead to it. */
export type AnchorOf = (step: StepProgress) => string

interface Place {
  readonly axis: Axis | undefined
  readonly anchorOf: AnchorOf
}

/** Every step of a host, task by task. */
export function hostSteps(host: HostProgress, place: Place): Html {
  return html`${tasksOf(host).map((told) => taskSteps(told, place))}`
}

interface ToldTask {
  readonly task: TaskProgress
  readonly steps: readonly StepProgress[]
  /** `4 changed, 31 already so, 2 not reached, 12.3 s` */
  readonly words: string
}

/** The tasks of which a host has steps, and what came of each. */
export function tasksOf(host: HostProgress): readonly ToldTask[] {
  return [...host.tasks.values()].flatMap((task) => {
    const steps = [...task.steps.values()]
    if (steps.length === 0) return []
    const took = steps.reduce((sum, step) => sum + (step.finished?.took ?? 0), 0)
    return [{ task, steps, words: [countsAndLeft(steps), ...(took > 0 ? [tookWords(took)] : [])].join(', ') }]
  })
}

/** `4 changed, 31 already so, 2 not reached` */
export function fateCounts(host: HostProgress): string {
  return countsAndLeft(stepsOf(host))
}

function countsAndLeft(steps: readonly StepProgress[]): string {
  const left = steps.filter((step) => step.finished === undefined).length
  return [countWords(countsOf(steps)), left === 0 ? '' : `${left} not reached`].filter((part) => part !== '').join(', ')
}

/** A task with nothing but facts that were so already is closed; on paper it is open. */
function taskSteps({ task, steps, words }: ToldTask, place: Place): Html {
  const isQuiet = steps.every((step) => fateOf(step) === 'met')
  return html`<details class="task"${isQuiet ? undefined : html` open`}>
<summary><h3>${task.name}</h3> <span class="faint">${words}</span></summary>
<ol class="steps">
${steps.map((step) => stepRow(step, place))}</ol>
</details>
`
}

function stepRow(step: StepProgress, { axis, anchorOf }: Place): Html {
  const fate = fateOf(step)
  const { finished } = step
  return html`<li class="step ${fate}" id="${anchorOf(step)}">
<div class="row">${icon(fate)}<span class="title">${step.title}</span><span class="verdict">${verdictWords(step, fate)}</span>${axis && track(step, axis)}<span class="took">${finished && finished.verdict !== 'skipped' ? tookWords(finished.took) : undefined}</span></div>
${reason(step)}${preview(step)}${output(step, fate)}</li>
`
}

export function icon(fate: Fate): Html {
  return html`<svg class="icon ${fate}" width="16" height="16" aria-hidden="true"><use href="#${symbols[fate]}"/></svg>`
}

const symbols: Readonly<Record<Fate, string>> = {
  met: 'i-met',
  changed: 'i-done',
  would: 'i-would',
  after: 'i-after',
  skipped: 'i-none',
  failed: 'i-bad',
  unknown: 'i-unknown',
  'not-reached': 'i-none',
  unfinished: 'i-unknown',
}

function verdictWords({ finished, task }: StepProgress, fate: Fate): string {
  const after = finished?.after ?? []
  if (after.length === 0) return fateWords[fate]
  const names = after.map((step) => printableLine(step.startsWith(`${task}/`) ? step.slice(task.length + 1) : step))
  return `decided after ${someOf(names, 2)}`
}

function reason({ finished }: StepProgress): Html | undefined {
  if (finished?.because === undefined) return undefined
  return html`<p class="because">${printableLine(finished.because)}</p>
${hint(finished.hint)}`
}

export function hint(text: string | undefined): Html | undefined {
  return text === undefined ? undefined : html`<p class="hint"><b>→</b> <span>${printableLine(text)}</span></p>\n`
}

function preview({ preview: text }: StepProgress): Html | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const words = isUnified(text.split('\n')) ? 'Diff' : 'What is to be done'
  return html`<details><summary>${words}</summary>${previewOf(text)}</details>\n`
}

function output({ output: said, finished }: StepProgress, fate: Fate): Html | undefined {
  const isBad = fate === 'failed' || fate === 'unknown' || fate === 'unfinished'
  const all = outputOf(said) ?? saidOf(finished?.output)
  return all && html`<details${isBad ? html` open` : undefined}><summary>Output</summary>${all}</details>\n`
}
