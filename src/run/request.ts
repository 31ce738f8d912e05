import type { App, Host, Site } from '../core/app.ts'
import type { Ask } from '../core/ask.ts'
import type { Connection } from '../core/connection.ts'
import type { Counts } from '../core/counts.ts'
import type { TasksError } from '../core/errors.ts'
import type { Emit, Mode, RunWire } from '../core/event.ts'
import type { LocalMachine, RemoteHost } from '../core/free-form.ts'
import type { Outcome } from '../core/outcome.ts'
import type { WantedRun } from '../program/attach.ts'
import type { LocalMachineParts } from './free-form/local-machine.ts'
import type { RemoteHostParts } from './free-form/remote-host.ts'
import type { Root } from './graph.ts'
import type { Returned } from './handed.ts'

/** One run: what is asked for, of which hosts, and who is told and asked. */
export interface RunRequest {
  readonly app: App
  /** What somebody asks for, in that order: it is planned, told and ended as one. */
  readonly roots: readonly Root[]
  readonly hosts: readonly Host[]
  readonly site?: Site | undefined
  readonly mode: Mode
  /** Narrows the chain to these task names; empty for all. */
  readonly only: readonly string[]
  /** Waits for a site's lock instead of giving up. */
  readonly wait: boolean
  /** How many hosts at the same time. */
  readonly jobs: number
  /** So many hosts do all of it before the next ones begin; all hosts at once, unless said. */
  readonly batch?: number | undefined
  /** After more failures than that no other host begins: with batches none may fail, else any number. */
  readonly maxFailures?: number | undefined
  /** An absolute path of a private folder, where it is remembered what was made of what. Without it nothing is. */
  readonly cache?: string | undefined
  /** Values that outputs are masked for, besides those that steps send. */
  readonly hidden?: readonly string[]
  readonly emit: Emit
  readonly ask: Ask
  /** Stop after the step that is running. */
  readonly stop: AbortSignal
  /** End the step that is running. */
  readonly kill: AbortSignal
  /** Seconds before each new try to reach a host whose connection was lost; after the last one its outcome is unknown. Some five minutes, unless said. */
  readonly retryAfter?: readonly number[] | undefined
  /** This machine, as tasks' own commands are run on it. */
  readonly connectLocal: () => Promise<Connection>
  /** What functions have for the machines that they command, in place of the real ones: for tests of tasks. */
  readonly standIns?: StandIns | undefined
  /** How a host is reached. */
  readonly connect: (host: Host, options: ConnectOptions) => Promise<Connection>
}

export interface StandIns {
  readonly remote: (parts: RemoteHostParts) => RemoteHost
  readonly local: (parts: LocalMachineParts) => LocalMachine
}

export interface ConnectOptions {
  readonly ask: Ask
  readonly signal: AbortSignal
  /** Called once it is the host that is waited for: this side has time for something else then. */
  readonly underway: () => void
}

/** Whose run is followed, where, and who is told. */
export interface AttachRequest
  extends Pick<RunRequest, 'emit' | 'ask' | 'stop' | 'kill' | 'connect' | 'retryAfter'>,
    WantedRun {
  readonly host: Host
}

export interface RunResult {
  readonly run: string
  readonly outcome: Outcome
  readonly counts: Counts
  /** As the command line ends with: 0 done, 1 failed, 4 unreachable or refused, 5 locked, 130 interrupted; 2 for bad usage or config. */
  readonly exitCode: number
  /** Functions that a dry run has not looked at, and the run would do. */
  readonly wouldRun: number
  /** What came of each host, in the order in which they ended. */
  readonly hosts: readonly HostOutcome[]
  readonly wire: RunWire
  /** What functions have returned, in the order in which they did. */
  readonly returned: readonly Returned[]
}

export interface HostOutcome {
  readonly host: string
  readonly outcome: Outcome
  readonly counts: Counts
  /** Why it did not do well. */
  readonly error?: TasksError | undefined
}
