import type { Event, Mode, RunFinished } from '../core/event.ts'
import type { CommandFinished, CommandStarted } from '../core/function-events.ts'
import type { StepFinished } from '../core/step-events.ts'
import { commandWords } from './command-words.ts'
import { noFunctions } from './functions.ts'
import { printableLine } from './printable.ts'
import {
  type HostProgress,
  lockWords,
  lostWords,
  type Progress,
  type RunningCommand,
  type StepProgress,
  type TaskProgress,
  type TransferProgress,
} from './progress.ts'
import { Tail } from './tail.ts'
import { transferName } from './transfer-words.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type WritableHost = Writable<Omit<HostProgress, 'tasks' | 'transfers'>> & {
  values: Map<string, string>
  tasks: Map<string, WritableTask>
  transfers: Map<string, Writable<TransferProgress>>
}
type WritableTask = Writable<Omit<TaskProgress, 'steps'>> & { steps: Map<string, Writable<StepProgress>> }
type OfStep = Extract<Event, { readonly title: string }>

interface Options {
  readonly now: () => number
  /** Lines of output that are kept for each step. */
  readonly outputLines: number
}

/** Keeps a Progress up to date: `take` must see every event, in order. */
export class ProgressKeeper implements Progress {
  mode: Mode = 'run'
  tasks: readonly string[] = []
  readonly hosts = new Map<string, WritableHost>()
  functions = noFunctions
  readonly commands = new Map<string, RunningCommand>()
  finished: RunFinished | undefined
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
  }

  take(event: Event): void {
    switch (event.type) {
      case 'run.started':
        this.mode = event.mode
        this.tasks = event.tasks
        for (const name of event.hosts) this.#host(name)
        return
      case 'steps.planned':
        this.#plan(event)
        return
      case 'step.started':
      case 'step.previewed':
      case 'step.applying':
      case 'step.output':
      case 'step.finished':
        this.#takeStep(event)
        return
      case 'command.started':
      case 'command.finished':
        this.#takeCommand(event)
        return
      case 'task.finished':
        this.functions = { ...this.functions, [event.verdict]: this.functions[event.verdict] + 1 }
        return
      case 'run.finished':
        this.finished = event
        return
      case 'transfer.started':
      case 'transfer.progressed':
      case 'transfer.finished':
        this.#takeTransfer(event)
        return
      case 'task.started':
      case 'note.told':
      case 'data.sent':
      case 'command.output':
      case 'release.switched':
      case 'releases.listed':
      case 'runs.listed':
      case 'site.status':
      case 'run.failed':
        return
      default:
        this.#takeHost(event)
    }
  }

  #takeHost(event: Extract<Event, { type: `host.${string}` | 'lock.waiting' | 'value.set' }>): void {
    const host = this.#host(event.host)
    host.waiting = undefined
    switch (event.type) {
      case 'host.connecting':
        host.address = printableLine(event.address)
        host.login = host.address
        host.waiting = `connecting to ${host.address}`
        return
      case 'host.connected':
        host.login = `${printableLine(event.user)}@${host.address}`
        return
      case 'host.lost':
        host.waiting = lostWords(event)
        return
      case 'lock.waiting':
        host.waiting = lockWords(event.lock, event.holder)
        return
      case 'value.set':
        host.values.set(event.name, event.value)
        return
      case 'host.finished':
        host.outcome = event.outcome
    }
  }

  #takeCommand(event: CommandStarted | CommandFinished): void {
    const { host, task, number } = event
    const key = `${host ?? ''}\n${task}\n${number}`
    if (host !== undefined) this.#host(host).waiting = undefined
    if (event.type === 'command.finished') this.commands.delete(key)
    else this.commands.set(key, { host, command: commandWords(event), startedAt: this.#options.now() })
  }

  #plan(event: Extract<Event, { type: 'steps.planned' }>): void {
    const host = this.#host(event.host)
    host.waiting = undefined
    host.isPlanned = true
    for (const step of event.steps) this.#step({ ...step, host: event.host })
  }

  #takeStep(event: OfStep): void {
    const host = this.#host(event.host)
    host.waiting = undefined
    const step = this.#step(event)
    step.title = titled(event.title, host.values)
    step.startedAt ??= this.#options.now()
    if (event.type === 'step.started') step.began = event.elapsed
    if (event.type === 'step.previewed') step.preview = event.text
    if (event.type === 'step.applying') step.isApplying = true
    if (event.type === 'step.output') step.output.take(event.text)
    if (event.type === 'step.finished') finish(step, event)
  }

  #takeTransfer(event: Extract<Event, { type: `transfer.${string}` }>): void {
    const host = this.#host(event.host)
    if (event.type === 'transfer.started') {
      const { transfer, total } = event
      const name = transferName(event)
      const startedAt = this.#options.now()
      host.waiting = undefined
      host.transfers.set(transfer, { name, startedAt, total, bytes: 0, isOver: false })
      return
    }
    const known = host.transfers.get(event.transfer)
    if (known === undefined) return
    known.bytes = event.bytes
    known.isOver = event.type === 'transfer.finished'
  }

  #host(name: string): WritableHost {
    const known = this.hosts.get(name)
    if (known !== undefined) return known
    const tasks = new Map(this.tasks.map((task): [string, WritableTask] => [task, { name: task, steps: new Map() }]))
    const host: WritableHost = {
      id: name,
      name: printableLine(name),
      address: printableLine(name),
      login: '',
      waiting: undefined,
      isPlanned: false,
      outcome: undefined,
      transfers: new Map(),
      values: new Map(),
      tasks,
    }
    this.hosts.set(name, host)
    return host
  }

  #step({ host: name, task, step, title }: Pick<OfStep, 'host' | 'task' | 'step' | 'title'>): Writable<StepProgress> {
    const host = this.#host(name)
    const inTask = host.tasks.get(task) ?? { name: printableLine(task), steps: new Map() }
    host.tasks.set(task, inTask)
    const known = inTask.steps.get(step)
    if (known !== undefined) return known
    const made: Writable<StepProgress> = {
      host: name,
      task,
      step,
      title: titled(title, host.values),
      startedAt: undefined,
      began: undefined,
      isApplying: false,
      preview: undefined,
      finished: undefined,
      output: new Tail(this.#options.outputLines),
    }
    inTask.steps.set(step, made)
    return made
  }
}

function finish(step: Writable<StepProgress>, event: StepFinished): void {
  step.finished = event
  step.began = Math.max(0, event.elapsed - event.took)
}

function titled(title: string, values: ReadonlyMap<string, string>): string {
  return printableLine(title.replace(/<([a-z]\w*)>/gi, (placeholder, name: string) => values.get(name) ?? placeholder))
}
