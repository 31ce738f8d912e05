import { Listr, type ListrTask, type ListrTaskObject, ListrTaskState } from 'listr2'
import type { Event } from '../core/event.ts'
import type { HostProgress, Progress, StepProgress, TaskProgress } from './progress.ts'

/** What a row of the tree stands for. */
export type Subject =
  | { readonly kind: 'host'; readonly host: HostProgress }
  | { readonly kind: 'task'; readonly host: HostProgress; readonly task: TaskProgress }
  | { readonly kind: 'step'; readonly step: StepProgress }
  /** All hosts in one row: there are too many. */
  | { readonly kind: 'crowd' }
  /** Nothing to be seen: it keeps the tree alive until the run has ended, since functions may be at work when all hosts are done. */
  | { readonly kind: 'rest' }

export interface Row {
  readonly subject: Subject
  readonly state: 'waiting' | 'active' | 'closed'
  readonly rows: readonly Row[]
}

/** Where the rows are drawn. */
export interface Canvas {
  /** The rows are about to change; ask for them, as they are, whenever it is time to draw. */
  begin(rows: () => readonly Row[]): void
  close(): void
}

export interface Tree {
  take(event: Event): void
  /** Closes every row, and resolves when the canvas was told so. */
  end(): Promise<void>
}

/** Grows a tree of listr2 rows, each of which waits for the event that ends what it stands for. */
export function growTree(progress: Progress, canvas: Canvas, { isCrowd }: { readonly isCrowd: boolean }): Tree {
  const moments = new Moments()
  const hosts = [...progress.hosts.values()].map((host) => hostRow(host, moments))
  const rows = isCrowd ? [waitingRow({ kind: 'crowd' }, moments)] : hosts
  const list = new Listr<unknown, typeof CanvasRenderer, 'silent'>([...rows, waitingRow({ kind: 'rest' }, moments)], {
    concurrent: true,
    exitOnError: false,
    registerSignalListeners: false,
    renderer: CanvasRenderer,
    rendererOptions: { canvas },
  })
  const done = list.run()
  return {
    take(event) {
      if (event.type === 'steps.planned') moments.reach(planned(event.host))
      if (event.type === 'step.finished') moments.reach(finished(event))
      if (event.type === 'host.finished') reachAllOf(event.host, progress, moments)
    },
    async end() {
      moments.reachAll()
      await done
    },
  }
}

const oneByOne = { concurrent: false } as const

type RowTask = ListrTask<unknown, typeof CanvasRenderer>

function hostRow(host: HostProgress, moments: Moments): RowTask {
  return {
    title: host.name,
    rendererOptions: { subject: { kind: 'host', host } },
    task: async (_, row) => {
      await moments.reached(planned(host.id))
      return row.newListr(
        [...host.tasks.values()].map((task) => taskRow(host, task, moments)),
        oneByOne,
      )
    },
  }
}

function taskRow(host: HostProgress, task: TaskProgress, moments: Moments): RowTask {
  return {
    title: task.name,
    rendererOptions: { subject: { kind: 'task', host, task } },
    task: (_, row) =>
      row.newListr(
        [...task.steps.values()].map((step) => stepRow(step, moments)),
        oneByOne,
      ),
  }
}

function stepRow(step: StepProgress, moments: Moments): RowTask {
  return {
    title: step.title,
    rendererOptions: { subject: { kind: 'step', step } },
    task: async (_, row) => {
      await moments.reached(finished(step))
      const verdict = step.finished?.verdict
      if (verdict === undefined) row.skip()
      if (verdict === 'failed' || verdict === 'unknown') throw new Error(verdict)
    },
  }
}

function waitingRow(subject: Subject, moments: Moments): RowTask {
  return { title: subject.kind, rendererOptions: { subject }, task: () => moments.reached('the end') }
}

/**
 * listr2's own renderer draws the whole tree again for each change, takes the process's streams and cuts nothing to size:
 * this one only hands its rows on.
 */
class CanvasRenderer {
  static nonTTY = true
  static rendererOptions: { readonly canvas: Canvas }
  static rendererTaskOptions: { readonly subject: Subject }
  readonly #tasks: readonly ListrTaskObject<unknown, typeof CanvasRenderer, typeof CanvasRenderer>[]
  readonly #canvas: Canvas

  constructor(
    tasks: ListrTaskObject<unknown, typeof CanvasRenderer, typeof CanvasRenderer>[],
    options: { readonly canvas: Canvas },
  ) {
    this.#tasks = tasks
    this.#canvas = options.canvas
  }

  render = (): void => this.#canvas.begin(() => this.#tasks.map(rowOf))
  end = (): void => this.#canvas.close()
}

function rowOf(task: ListrTaskObject<unknown, typeof CanvasRenderer, typeof CanvasRenderer>): Row {
  const isWaiting = task.state === ListrTaskState.WAITING
  return {
    subject: task.rendererTaskOptions.subject,
    state: isWaiting ? 'waiting' : task.hasFinalized() ? 'closed' : 'active',
    rows: (task.subtasks ?? []).map(rowOf),
  }
}

function planned(host: string): string {
  return `${host}\nplanned`
}

function finished({ host, step }: { readonly host: string; readonly step: string }): string {
  return `${host}\n${step}\nfinished`
}

function reachAllOf(name: string, progress: Progress, moments: Moments): void {
  moments.reach(planned(name))
  for (const task of progress.hosts.get(name)?.tasks.values() ?? []) {
    for (const step of task.steps.values()) moments.reach(finished(step))
  }
}

/** Promises of moments by name, whichever comes first: the waiting or the moment. */
class Moments {
  readonly #moments = new Map<string, PromiseWithResolve>()
  #isOver = false

  reached(name: string): Promise<void> {
    return this.#isOver ? Promise.resolve() : this.#moment(name).promise
  }

  reach(name: string): void {
    this.#moment(name).resolve()
  }

  reachAll(): void {
    this.#isOver = true
    for (const moment of this.#moments.values()) moment.resolve()
  }

  #moment(name: string): PromiseWithResolve {
    const known = this.#moments.get(name) ?? withResolve()
    this.#moments.set(name, known)
    return known
  }
}

interface PromiseWithResolve {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

function withResolve(): PromiseWithResolve {
  let resolve = (): void => undefined
  const promise = new Promise<void>((resolveIt) => {
    resolve = resolveIt
  })
  return { promise, resolve }
}
