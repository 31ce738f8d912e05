import type { Counts } from './counts.ts'
import type { ErrorCode } from './errors.ts'
import type {
  CommandFinished,
  CommandOutput,
  CommandStarted,
  TaskFinished,
  TaskStarted,
  TransferFinished,
  TransferProgressed,
  TransferStarted,
} from './function-events.ts'
import type { ListedRelease } from './listed-release.ts'
import type { Outcome } from './outcome.ts'
import type { PastRun, StepPlace } from './past-run.ts'
import type { Drift, SiteState } from './site-status.ts'
import type {
  DataSent,
  StepApplying,
  StepFinished,
  StepOutput,
  StepPreviewed,
  StepStarted,
  StepsPlanned,
  ValueSet,
} from './step-events.ts'

/**
 * Everything that a run can say, as data. Renderers see nothing else, and `--json` prints exactly these, one a line.
 * `host` is the host's name; `step` is `task/name`, the same in a dry run and in the run. Times are ISO 8601.
 */
export type Event =
  | RunStarted
  | HostConnecting
  | HostConnected
  | HostLost
  | LockWaiting
  | StepsPlanned
  | StepStarted
  | StepPreviewed
  | StepApplying
  | StepOutput
  | StepFinished
  | ValueSet
  | DataSent
  | TransferStarted
  | TransferProgressed
  | TransferFinished
  | NoteTold
  | CommandStarted
  | CommandOutput
  | CommandFinished
  | ReleaseSwitched
  | ReleasesListed
  | RunsListed
  | SiteStatus
  | TaskStarted
  | TaskFinished
  | HostFinished
  | RunFailed
  | RunFinished

export type Mode = 'run' | 'dry-run' | 'step'

export interface RunStarted {
  readonly type: 'run.started'
  readonly run: string
  readonly mode: Mode
  /** The tasks in the order in which they are done. */
  readonly tasks: readonly string[]
  readonly hosts: readonly string[]
  readonly at: string
  readonly asked?: Asked
}

/** Who asked for which task (or tasks: `frontend deploy`), and from which machine; the site, where the run is one site's. */
export interface Asked {
  readonly task: string
  readonly site?: string
  readonly user: string
  readonly machine: string
}

export interface HostConnecting {
  readonly type: 'host.connecting'
  readonly host: string
  readonly address: string
}

export interface HostConnected {
  readonly type: 'host.connected'
  readonly host: string
  readonly user: string
  /** What carries the connection where that is not the usual library, and why. */
  readonly transport?: { readonly name: 'openssh'; readonly because: string }
}

/** The connection is gone; the host goes on by itself. `retryInSeconds` is absent when nothing more is tried. */
export interface HostLost {
  readonly type: 'host.lost'
  readonly host: string
  readonly because: string
  readonly retryInSeconds?: number
}

export interface LockWaiting {
  readonly type: 'lock.waiting'
  readonly host: string
  readonly lock: string
  readonly holder: LockHolder
}

export interface LockHolder {
  readonly user: string
  readonly machine: string
  readonly since: string
  readonly run: string
  readonly task?: string
  readonly site?: string
  /** Where that run is. */
  readonly place?: StepPlace
}

export interface NoteTold {
  readonly type: 'note.told'
  readonly level: 'note' | 'warning'
  readonly host?: string
  readonly task?: string
  readonly step?: string
  readonly message: string
  readonly hint?: string
}

export interface ReleaseSwitched {
  readonly type: 'release.switched'
  readonly host: string
  readonly site: string
  readonly release: number
  readonly commit: string
}

/** The releases of a site that its host has, newest first: the answer that `tasks releases` asks for. */
export interface ReleasesListed {
  readonly type: 'releases.listed'
  readonly host: string
  readonly site: string
  readonly releases: readonly ListedRelease[]
}

/** The runs that a host remembers, newest first: the answer that `tasks runs` asks for. */
export interface RunsListed {
  readonly type: 'runs.listed'
  readonly host: string
  /** Only runs of this one were asked for. */
  readonly site?: string
  readonly runs: readonly PastRun[]
}

/** How a site is: a part of the answer that `tasks status` asks for. */
export interface SiteStatus extends SiteState {
  readonly type: 'site.status'
  readonly host: string
  readonly drift: Drift
}

export interface HostFinished {
  readonly type: 'host.finished'
  readonly host: string
  readonly outcome: Outcome
  readonly counts: Counts
}

/** Why the run did not do what it should: what the person reads last. */
export interface RunFailed {
  readonly type: 'run.failed'
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string
  readonly output?: string
  readonly host?: string
  readonly task?: string
  readonly step?: string
}

export interface RunFinished {
  readonly type: 'run.finished'
  readonly run: string
  readonly mode: Mode
  readonly outcome: Outcome
  readonly counts: Counts
  readonly wire: RunWire
  /** Milliseconds. */
  readonly took: number
}

export interface RunWire {
  readonly connections: number
  readonly channels: number
  /** How often a host had to wait for the client: the program, data that it lacked, a password, an answer. */
  readonly requests: number
  readonly bytesSent: number
  readonly bytesReceived: number
}

/** Where events go. */
export type Emit = (event: Event) => void
