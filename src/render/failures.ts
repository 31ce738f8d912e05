import type { Event, RunFailed } from '../core/event.ts'
import type { StepFinished } from '../core/step-events.ts'
import { printableLine, printableLines } from './printable.ts'
import type { Paint } from './style.ts'
import { fold } from './width.ts'

/** What a person is told of one failure. */
export interface Failure {
  /** The sentence. */
  readonly message: string
  /** Host, task, step: as many as there are. */
  readonly where: readonly string[]
  /** The last lines that the machine said. */
  readonly output?: string | undefined
  readonly hint?: string | undefined
}

/** One block: the sentence; where; what the machine said; the way out. */
export function failureLines(failure: Failure, paint: Paint, width = Number.POSITIVE_INFINITY): readonly string[] {
  const where = failure.where.map(printableLine).join(' › ')
  return [
    ...fold(`${paint('bad', '✖')} ${paint('strong', printableLine(failure.message))}`, width, 2),
    ...(where === '' ? [] : [`  ${paint('faint', where)}`]),
    ...outputLines(failure.output, paint),
    ...hintLines(failure.hint, paint),
  ]
}

export function hintLines(hint: string | undefined, paint: Paint): readonly string[] {
  return hint === undefined ? [] : [`  ${paint('place', '→')} ${printableLine(hint)}`]
}

/** Gathers the failures of a run, each once: what a step told and what the run then says of the same step are one. */
export class Failures {
  readonly #ofSteps = new Map<string, StepFinished>()
  readonly #ofRun: RunFailed[] = []

  take(event: Event): void {
    if (event.type === 'run.failed') this.#ofRun.push(event)
    if (event.type === 'step.finished') this.#takeStep(event)
  }

  list(): readonly Failure[] {
    const told = new Set<StepFinished>()
    const ofRun = this.#ofRun.filter(isFirst).map((event) => {
      const step = this.#stepOf(event)
      if (step !== undefined) told.add(step)
      return merged(event, step)
    })
    const others = [...this.#ofSteps.values()].filter((step) => !told.has(step)).map(ofStep)
    return [...others, ...ofRun]
  }

  #takeStep(event: StepFinished): void {
    const key = `${event.host}\n${event.step}`
    // A later verdict on the same step, as in the last pass, is the one that counts.
    this.#ofSteps.delete(key)
    if (event.verdict === 'failed' || event.verdict === 'unknown') this.#ofSteps.set(key, event)
  }

  #stepOf(event: RunFailed): StepFinished | undefined {
    return [...this.#ofSteps.values()].find((step) =>
      event.step === undefined
        ? step.because === event.message && (event.host ?? step.host) === step.host
        : step.step === event.step && step.host === event.host,
    )
  }
}

function merged(event: RunFailed, step: StepFinished | undefined): Failure {
  const host = event.host ?? step?.host
  const task = event.task ?? step?.task
  const title = step?.title ?? event.step?.replace(/^[^/]*\//, '')
  return {
    message: event.message,
    where: [host, task, title].filter((part) => part !== undefined),
    output: event.output ?? step?.output,
    hint: event.hint ?? step?.hint,
  }
}

function ofStep(step: StepFinished): Failure {
  const what = step.verdict === 'unknown' ? 'Cannot tell whether it is so' : 'The step failed'
  return {
    message: step.because ?? `${what}: ${step.title}.`,
    where: [step.host, step.task, step.title],
    output: step.output,
    hint: step.hint,
  }
}

function isFirst(event: RunFailed, index: number, all: readonly RunFailed[]): boolean {
  return index === all.findIndex((other) => sameAs(other) === sameAs(event))
}

function sameAs({ host, step, message }: RunFailed): string {
  return JSON.stringify(step === undefined ? [host, message] : [host, step])
}

function outputLines(output: string | undefined, paint: Paint): readonly string[] {
  return printableLines(output ?? '').map((line) => `  ${paint('faint', '|')} ${clipped(line)}`.trimEnd())
}

/** Some tools list all that they know in one line; what matters stands at its ends. */
function clipped(line: string): string {
  return line.length <= 400 ? line : `${line.slice(0, 240)} […] ${line.slice(-120)}`
}
