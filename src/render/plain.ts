import type { Event, NoteTold } from '../core/event.ts'
import type { TaskFinished } from '../core/function-events.ts'
import type { StepFinished } from '../core/step-events.ts'
import type { Clock } from './clock.ts'
import { Commands } from './commands.ts'
import { previewLines } from './diff.ts'
import { wholeSeconds } from './duration.ts'
import { functionWords } from './functions.ts'
import { painted } from './line.ts'
import { LongSteps } from './long-steps.ts'
import { noteLines } from './notes.ts'
import { PendingPreviews } from './pending-previews.ts'
import { printableLine, printableLines } from './printable.ts'
import { lockWords, lostWords, type StepProgress } from './progress.ts'
import { previewLimit, type Scene, type View } from './scene.ts'
import { transferResult } from './transfer-words.ts'
import { verdictWords } from './verdict-words.ts'
import { Voices } from './voices.ts'
import { bytes, plural } from './words.ts'

type StepEvent = Extract<Event, { readonly title: string }>
type Detail = Extract<Event, { readonly type: 'host.connected' | 'steps.planned' | 'value.set' | 'data.sent' }>
type OfStep = Pick<StepEvent, 'host' | 'task' | 'step' | 'title'>

/** One line for each thing that happened, never redrawn: for logs, pipes and terminals that cannot do more. */
export class PlainView implements View {
  readonly #scene: Scene
  readonly #voices: Voices
  readonly #commands: Commands
  readonly #longSteps: LongSteps
  readonly #previews = new PendingPreviews()
  /** Met steps of the task that a host is at, and those that a failure kept from being done: told in one line. */
  readonly #quiet = new Map<string, { readonly task: string; met: number; skipped: number }>()

  constructor(scene: Scene, clock: Clock) {
    this.#scene = scene
    this.#voices = new Voices(scene)
    this.#commands = new Commands(scene, this.#voices, ({ host, task }) => {
      return `${this.#hostColumn(host ?? 'local')}  ${this.#taskColumn(task)}`
    })
    this.#longSteps = new LongSteps(scene.progress, clock, (step, elapsed) => this.#tellLong(step, elapsed))
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
        this.#tellQuiet(event.host)
        return
      case 'step.started':
      case 'step.previewed':
      case 'step.applying':
      case 'step.output':
      case 'step.finished':
        this.#takeStep(event)
        return
      case 'transfer.started':
      case 'transfer.finished':
        this.#tellTransfer(event)
        return
      case 'note.told':
        this.#tellNote(event)
        return
      case 'command.started':
      case 'command.output':
      case 'command.finished':
        if (event.host !== undefined) this.#tellQuiet(event.host)
        this.#commands.take(event)
        return
      case 'task.finished':
        this.#finishFunction(event)
        return
      case 'host.connected':
      case 'steps.planned':
      case 'value.set':
      case 'data.sent':
        if (this.#scene.level === 'verbose') this.#tellHost(event.host, this.#scene.paint('faint', detailWords(event)))
        return
      case 'task.started':
      case 'run.started':
      case 'transfer.progressed':
      case 'release.switched':
      case 'releases.listed':
      case 'runs.listed':
      case 'site.status':
      case 'run.failed':
      case 'run.finished':
        return
    }
  }

  async end(): Promise<void> {
    this.#longSteps.end()
    for (const host of [...this.#quiet.keys()]) this.#tellQuiet(host)
    this.#voices.endAll()
  }

  pause(): void {
    for (const event of this.#previews.release()) {
      this.#voices.tell('stderr', [this.#announced(event), ...this.#preview(event)])
    }
    this.#scene.sink.hold()
  }

  resume(): void {
    this.#scene.sink.release()
  }

  #takeStep(event: StepEvent): void {
    this.#previews.take(event)
    if (this.#quiet.get(event.host)?.task !== event.task) this.#tellQuiet(event.host)
    if (event.type === 'step.finished') this.#finishStep(event)
    if (this.#scene.level !== 'verbose') return
    if (event.type === 'step.applying') this.#voices.tell('stderr', [this.#announced(event)], speakerOf(event))
    if (event.type === 'step.output') this.#voices.hear(speakerOf(event), this.#announced(event), event.text)
  }

  #finishStep(event: StepFinished): void {
    const { level, progress, paint } = this.#scene
    this.#voices.end(speakerOf(event))
    const isDryRun = progress.mode === 'dry-run'
    const isVerbose = level === 'verbose'
    const isQuiet = event.verdict === 'met' || (event.verdict === 'skipped' && event.because === undefined)
    if (isQuiet && !isDryRun && !isVerbose) {
      this.#count(event)
      return
    }
    const preview = isDryRun || (isVerbose && progress.mode === 'run') ? this.#preview(event) : []
    const line = `${this.#announced(event)} ${painted(verdictWords(event), paint)}`
    this.#voices.tell(isDryRun ? 'stdout' : 'stderr', [line, ...preview])
  }

  #finishFunction(event: TaskFinished): void {
    const { paint, progress } = this.#scene
    if (event.host !== undefined) this.#tellQuiet(event.host)
    const place = `${this.#hostColumn(event.host ?? 'local')}  ${this.#taskColumn(event.task)}`
    const isAnswer = progress.mode === 'dry-run'
    this.#voices.tell(isAnswer ? 'stdout' : 'stderr', [`${place}  ${painted([functionWords(event)], paint)}`])
  }

  #tellHost(host: string, words: string): void {
    this.#tellQuiet(host)
    this.#voices.tell('stderr', [`${this.#hostColumn(host)}  ${words}`])
  }

  #tellTransfer(event: Extract<Event, { readonly type: 'transfer.started' | 'transfer.finished' }>): void {
    const name = this.#scene.progress.hosts.get(event.host)?.transfers.get(event.transfer)?.name ?? ''
    if (event.type === 'transfer.started') this.#tellHost(event.host, `${name} …`)
    else {
      const style = event.outcome === 'done' ? 'good' : 'bad'
      this.#tellHost(event.host, `${name} … ${this.#scene.paint(style, transferResult(event))}`)
    }
  }

  #tellLong(step: StepProgress, elapsed: number): void {
    const said = step.output.lines(1).map((line) => `: ${line.length > 160 ? `${line.slice(0, 159)}…` : line}`)
    const words = this.#scene.paint('faint', `still at work (${wholeSeconds(elapsed)})${said.join('')}`)
    this.#voices.tell('stderr', [`${this.#announced(step)} ${words}`])
  }

  #tellNote(note: NoteTold): void {
    const columns = note.host === undefined ? '' : `${this.#hostColumn(note.host)}  `
    const task = note.task === undefined ? '' : `${this.#taskColumn(note.task)}  `
    const [first = '', ...rest] = noteLines(note, this.#scene.paint)
    this.#voices.tell('stderr', [columns + task + first, ...rest])
  }

  #count({ host, task, verdict }: StepFinished): void {
    const quiet = this.#quiet.get(host) ?? { task, met: 0, skipped: 0 }
    if (verdict === 'met') quiet.met += 1
    else quiet.skipped += 1
    this.#quiet.set(host, quiet)
  }

  #tellQuiet(host: string): void {
    const quiet = this.#quiet.get(host)
    if (quiet === undefined) return
    this.#quiet.delete(host)
    const { task, met, skipped } = quiet
    const words = [...(met > 0 ? [`${met} already so`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ')
    this.#voices.tell('stderr', [
      `${this.#hostColumn(host)}  ${this.#taskColumn(task)}  ${this.#scene.paint('faint', words)}`,
    ])
  }

  #preview(event: OfStep): readonly string[] {
    const { paint, level } = this.#scene
    const lines = printableLines(this.#step(event)?.preview ?? '')
    return previewLines(lines, paint, previewLimit(level)).map((line) => `    ${line}`.trimEnd())
  }

  #announced(event: OfStep): string {
    const title = this.#step(event)?.title ?? printableLine(event.title)
    return `${this.#hostColumn(event.host)}  ${this.#taskColumn(event.task)}  ${title} …`
  }

  #step(event: OfStep): StepProgress | undefined {
    return this.#scene.progress.hosts.get(event.host)?.tasks.get(event.task)?.steps.get(event.step)
  }

  #hostColumn(host: string): string {
    return column(host, [...this.#scene.progress.hosts.keys()])
  }

  #taskColumn(task: string): string {
    return column(task, this.#scene.progress.tasks)
  }
}

function speakerOf({ host, step }: OfStep): string {
  return `${host}\n${step}`
}

function detailWords(event: Detail): string {
  switch (event.type) {
    case 'host.connected':
      return `connected as ${printableLine(event.user)}${carrier(event.transport)}`
    case 'steps.planned':
      return plural(event.steps.length, 'step')
    case 'value.set':
      return printableLine(`${event.name} is "${event.value}"`)
    case 'data.sent':
      return printableLine(`sent ${bytes(event.bytes)} (${event.what} ${event.id.slice(0, 12)})`)
  }
}

function carrier(transport: Extract<Detail, { readonly type: 'host.connected' }>['transport']): string {
  return transport ? ` through this machine's own ssh, because ${printableLine(transport.because)}` : ''
}

function column(name: string, all: readonly string[]): string {
  const width = Math.max(name.length, ...all.map((other) => other.length))
  return printableLine(name).padEnd(width)
}
