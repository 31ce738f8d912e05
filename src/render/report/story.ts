import { addCounts, noCounts } from '../../core/counts.ts'
import type { Event, ReleaseSwitched, RunFinished, RunStarted } from '../../core/event.ts'
import type { Outcome } from '../../core/outcome.ts'
import { type Failure, Failures } from '../failures.ts'
import { type HostProgress, hostCounts, lockWords, lostWords, type Progress } from '../progress.ts'
import { ProgressKeeper } from '../progress-keeper.ts'
import { Tail } from '../tail.ts'

/** A run as its page tells it. Texts are as events had them, or harmless already. */
export interface Report {
  readonly started: RunStarted
  readonly hosts: readonly HostProgress[]
  /** What it came to, for recaps. */
  readonly progress: Progress
  /** `undefined` where the events end before the run does. */
  readonly finished: RunFinished | undefined
  readonly failures: readonly Failure[]
  readonly releases: readonly ReleaseSwitched[]
  readonly notes: readonly Note[]
  /** What functions ran, and what that said, by task and host. */
  readonly commands: readonly { readonly place: string; readonly output: Tail }[]
}

/** What is worth knowing besides the steps; the same from several hosts is one. */
export interface Note {
  readonly level: 'note' | 'warning'
  readonly message: string
  readonly hint: string | undefined
  readonly hosts: readonly string[]
}

/** Lines that are kept of what one step says: the end is what explains a failure. */
export const keptLines = 200

/** Keeps what a page needs of one run. Its memory grows with the number of steps, not with what they say. */
export class Story {
  readonly run: string
  readonly #progress = new ProgressKeeper({ now: () => 0, outputLines: keptLines })
  readonly #failures = new Failures()
  readonly #releases = new Map<string, ReleaseSwitched>()
  readonly #notes = new Map<string, Omit<Note, 'hosts'> & { readonly hosts: Set<string> }>()
  readonly #commands = new Map<string, Tail>()
  #started: RunStarted | undefined
  #finished: RunFinished | undefined

  constructor(run: string) {
    this.run = run
  }

  take(event: Event): void {
    this.#progress.take(event)
    this.#failures.take(event)
    switch (event.type) {
      case 'run.started':
        this.#started = { ...this.#started, ...event }
        return
      case 'run.finished':
        this.#finished = this.#finished ? merged(this.#finished, event) : event
        return
      case 'release.switched':
        this.#releases.set(JSON.stringify([event.site, event.release]), event)
        return
      case 'note.told':
        this.#note(event)
        return
      case 'host.lost':
        this.#note({ level: 'warning', host: event.host, message: lostWords(event) })
        return
      case 'lock.waiting':
        this.#note({ level: 'note', host: event.host, message: lockWords(event.lock, event.holder) })
        return
      case 'command.started':
      case 'command.output':
      case 'command.finished':
        this.#hearCommand(event)
        return
      default:
        return
    }
  }

  report(): Report | undefined {
    if (this.#started === undefined) return undefined
    const { mode, tasks, hosts, functions, commands } = this.#progress
    const all = [...hosts.values()]
    const counts = all.map(hostCounts).reduce(addCounts, noCounts)
    const finished = this.#finished && { ...this.#finished, counts }
    return {
      started: this.#started,
      hosts: all,
      progress: { mode, tasks, hosts, functions, commands, finished },
      finished,
      failures: this.#failures.list(),
      releases: [...this.#releases.values()],
      notes: [...this.#notes.values()].map((note) => ({ ...note, hosts: [...note.hosts] })),
      commands: [...this.#commands].map(([place, output]) => ({ place, output })),
    }
  }

  #note({ level, message, hint, host }: Pick<Note, 'level' | 'message'> & { hint?: string; host?: string }): void {
    const key = JSON.stringify([level, message, hint])
    const note = this.#notes.get(key) ?? { level, message, hint, hosts: new Set<string>() }
    if (host !== undefined) note.hosts.add(host)
    this.#notes.set(key, note)
  }

  #hearCommand(event: Extract<Event, { readonly type: `command.${string}` }>): void {
    const { task, host = 'the machine that asked' } = event
    const place = `${task}, on ${host}`
    const output = this.#commands.get(place) ?? new Tail(keptLines)
    this.#commands.set(place, output)
    if (event.type === 'command.started') output.take(`$ ${event.command}\n`)
    if (event.type === 'command.output') output.take(event.text)
    if (event.type === 'command.finished' && event.exitCode !== 0) output.take(`${exitWords(event)}\n`)
  }
}

function exitWords({ exitCode }: Extract<Event, { readonly type: 'command.finished' }>): string {
  return exitCode === undefined ? '(nobody knows how it ended)' : `(exit code ${exitCode})`
}

/** The same run, told by another of its hosts. */
function merged(one: RunFinished, other: RunFinished): RunFinished {
  const order: readonly Outcome[] = ['interrupted', 'failed', 'unknown', 'done']
  const outcome = order.find((each) => each === one.outcome || each === other.outcome) ?? 'done'
  return { ...other, outcome, took: Math.max(one.took, other.took) }
}
