import type { Event, NoteTold, StepFinished } from '../core/event.ts'
import { previewLines } from './diff.ts'
import { painted } from './line.ts'
import { LineBuffer } from './line-buffer.ts'
import { noteLines } from './notes.ts'
import { printableLine, printableLines } from './printable.ts'
import { lockWords, lostWords, type StepProgress } from './progress.ts'
import { bytes } from './recap.ts'
import { previewLimit, type Scene, type View } from './scene.ts'
import type { Side } from './sink.ts'
import { verdictWords } from './verdict-words.ts'

type StepEvent = Extract<Event, { readonly title: string }>

/** One line for each thing that happened, never redrawn: for logs, pipes and terminals that cannot do more. */
export class PlainView implements View {
  readonly #scene: Scene
  /** Met steps of the task that a host is at: told in one line. */
  readonly #met = new Map<string, { readonly task: string; count: number }>()
  readonly #outputs = new Map<string, LineBuffer>()
  #speaker = ''

  constructor(scene: Scene) {
    this.#scene = scene
  }

  take(event: Event): void {
    switch (event.type) {
      case 'host.connecting':
        this.#tellHost(event.host, `connecting to ${printableLine(event.address)}`)
        return
      case 'host.lost':
        this.#tellHost(event.host, this.#scene.paint('warning', lostWords(event)))
        return
      case 'lock.waiting':
        this.#tellHost(event.host, this.#scene.paint('pending', lockWords(event.lock, event.holder)))
        return
      case 'host.finished':
        this.#tellMet(event.host)
        return
      case 'step.started':
      case 'step.previewed':
      case 'step.applying':
      case 'step.output':
      case 'step.finished':
        this.#takeStep(event)
        return
      case 'note.told':
        this.#tellNote(event)
        return
      case 'local.output':
        this.#tellOutput(`${printableLine(event.task)}, on this machine:`, event.text)
        return
      case 'host.connected':
      case 'steps.planned':
      case 'value.set':
      case 'data.sent':
        this.#takeDetail(event)
        return
      case 'run.started':
      case 'release.switched':
      case 'run.failed':
      case 'run.finished':
        return
    }
  }

  async end(): Promise<void> {
    for (const host of [...this.#met.keys()]) this.#tellMet(host)
    for (const [speaker, output] of this.#outputs) this.#tellLines(speaker, output.end())
  }

  pause(): void {
    this.#scene.sink.hold()
  }

  resume(): void {
    this.#scene.sink.release()
  }

  #takeStep(event: StepEvent): void {
    const { level, progress } = this.#scene
    if (this.#met.get(event.host)?.task !== event.task) this.#tellMet(event.host)
    if (event.type === 'step.previewed' && progress.mode === 'step')
      this.#tell('stderr', [this.#announced(event), ...this.#preview(event)])
    if (event.type === 'step.applying' && level === 'verbose')
      this.#tell('stderr', [this.#announced(event)], this.#announced(event))
    if (event.type === 'step.output' && level === 'verbose') this.#tellOutput(this.#announced(event), event.text)
    if (event.type === 'step.finished') this.#finishStep(event)
  }

  #finishStep(event: StepFinished): void {
    const { level, progress } = this.#scene
    const announced = this.#announced(event)
    this.#tellLines(announced, this.#outputs.get(announced)?.end() ?? [])
    this.#outputs.delete(announced)
    const isDryRun = progress.mode === 'dry-run'
    if (event.verdict === 'met' && !isDryRun && level !== 'verbose') {
      this.#countMet(event)
      return
    }
    const preview = progress.mode === 'step' ? [] : this.#preview(event)
    this.#tell(isDryRun ? 'stdout' : 'stderr', [
      `${announced} ${painted(verdictWords(event), this.#scene.paint)}`,
      ...preview,
    ])
  }

  #takeDetail(event: Extract<Event, { type: 'host.connected' | 'steps.planned' | 'value.set' | 'data.sent' }>): void {
    if (this.#scene.level !== 'verbose') return
    this.#tellHost(event.host, this.#scene.paint('faint', detailWords(event)))
  }

  #tell(side: Side, lines: readonly string[], speaker = ''): void {
    this.#scene.sink.writeLines(side, lines)
    this.#speaker = speaker
  }

  #tellHost(host: string, words: string): void {
    this.#tellMet(host)
    this.#tell('stderr', [`${this.#hostColumn(host)}  ${words}`])
  }

  #tellNote(note: NoteTold): void {
    const columns = note.host === undefined ? '' : `${this.#hostColumn(note.host)}  `
    const task = note.task === undefined ? '' : `${this.#taskColumn(note.task)}  `
    const [first = '', ...rest] = noteLines(note, this.#scene.paint)
    this.#tell('stderr', [columns + task + first, ...rest])
  }

  #countMet({ host, task }: StepEvent): void {
    const met = this.#met.get(host) ?? { task, count: 0 }
    met.count += 1
    this.#met.set(host, met)
  }

  #tellMet(host: string): void {
    const met = this.#met.get(host)
    if (met === undefined) return
    this.#met.delete(host)
    const words = this.#scene.paint('faint', `${met.count} already so`)
    this.#tell('stderr', [`${this.#hostColumn(host)}  ${this.#taskColumn(met.task)}  ${words}`])
  }

  #tellOutput(speaker: string, text: string): void {
    const output = this.#outputs.get(speaker) ?? new LineBuffer()
    this.#outputs.set(speaker, output)
    this.#tellLines(speaker, output.take(text))
  }

  #tellLines(speaker: string, lines: readonly string[]): void {
    if (lines.length === 0) return
    const head = this.#speaker === speaker ? [] : [speaker]
    const bar = this.#scene.paint('faint', '|')
    this.#tell('stderr', [...head, ...lines.map((line) => `  ${bar} ${line}`.trimEnd())], speaker)
  }

  #preview(event: StepEvent): readonly string[] {
    const { paint, level } = this.#scene
    const text = this.#step(event)?.preview
    if (text === undefined) return []
    return previewLines(printableLines(text), paint, previewLimit(level)).map((line) => `    ${line}`.trimEnd())
  }

  #announced(event: StepEvent): string {
    const title = this.#step(event)?.title ?? printableLine(event.title)
    return `${this.#hostColumn(event.host)}  ${this.#taskColumn(event.task)}  ${title} …`
  }

  #step(event: StepEvent): StepProgress | undefined {
    return this.#scene.progress.hosts.get(event.host)?.tasks.get(event.task)?.steps.get(event.step)
  }

  #hostColumn(host: string): string {
    return column(host, [...this.#scene.progress.hosts.keys()])
  }

  #taskColumn(task: string): string {
    return column(task, this.#scene.progress.tasks)
  }
}

function detailWords(
  event: Extract<Event, { type: 'host.connected' | 'steps.planned' | 'value.set' | 'data.sent' }>,
): string {
  switch (event.type) {
    case 'host.connected':
      return `connected as ${printableLine(event.user)}`
    case 'steps.planned':
      return `${event.steps.length} steps`
    case 'value.set':
      return printableLine(`${event.name} is "${event.value}"`)
    case 'data.sent':
      return printableLine(`sent ${bytes(event.bytes)} (${event.what} ${event.id.slice(0, 12)})`)
  }
}

function column(name: string, all: readonly string[]): string {
  const width = Math.max(name.length, ...all.map((other) => other.length))
  return printableLine(name).padEnd(width)
}
