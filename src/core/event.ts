import type { ErrorCode } from './errors.ts'
import type { ListedRelease } from './listed-release.ts'
import type { PastRun, StepPlace } from './past-run.ts'
import type { Drift, SiteState } from './site-status.ts'
import type { Verdict } from './step.ts'

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
export type Outcome = 'done' | 'failed' | 'interrupted' | 'unknown'

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

/** What the program holds, before its first step: renderers can count. */
export interface StepsPlanned {
  readonly type: 'steps.planned'
  readonly host: string
  readonly steps: readonly { readonly task: string; readonly step: string; readonly title: string }[]
}

interface OfStep {
  readonly host: string
  readonly task: string
  readonly step: string
  readonly title: string
}

/** `elapsed` is milliseconds since the first step of this host began, by the host's own clock: the same whoever tells the run, and when. */
export interface StepStarted extends OfStep {
  readonly type: 'step.started'
  readonly elapsed: number
}

/** What the step would do: a unified diff, a list, a command. Masked. */
export interface StepPreviewed extends OfStep {
  readonly type: 'step.previewed'
  readonly text: string
}

export interface StepApplying extends OfStep {
  readonly type: 'step.applying'
}

/** What the step's machine said, in pieces as it came. Masked. */
export interface StepOutput extends OfStep {
  readonly type: 'step.output'
  readonly text: string
}

export interface StepFinished extends OfStep {
  readonly type: 'step.finished'
  readonly verdict: Verdict
  /** With `after`: the steps that decide it. */
  readonly after?: readonly string[]
  /** With `failed`, `unknown`, `skipped`: why, in one sentence. */
  readonly because?: string
  readonly hint?: string
  /** The last lines that the machine said, with `failed` and `unknown`. */
  readonly output?: string
  /** Milliseconds. The time that a person took to answer is not in it. */
  readonly took: number
  /** When it ended, as `step.started` tells when it began. */
  readonly elapsed: number
}

export interface ValueSet {
  readonly type: 'value.set'
  readonly host: string
  readonly name: string
  readonly value: string
}

/** The host asked for a file that it lacked. */
export interface DataSent {
  readonly type: 'data.sent'
  readonly host: string
  readonly what: 'content' | 'secret' | 'stream'
  readonly id: string
  readonly bytes: number
}

interface OfTransfer {
  readonly host: string
  /** Unique in the run. */
  readonly transfer: string
}

/** A file or a folder is on its way to a host, or from it. */
export interface TransferStarted extends OfTransfer {
  readonly type: 'transfer.started'
  readonly direction: 'put' | 'get' | 'read'
  /** A path, or `stream` for what comes from no file. */
  readonly source: string
  /** Absent with `read`. */
  readonly target?: string
  /** What its files hold, where that is known before. */
  readonly total?: number
}

/** So much of it has passed: told for each hundredth, and no more often than for each mebibyte. */
export interface TransferProgressed extends OfTransfer {
  readonly type: 'transfer.progressed'
  readonly bytes: number
}

/** `failed`: the target is as it was; `unknown`: it is as it was, or all there. Why is told by what failed for it. */
export interface TransferFinished extends OfTransfer {
  readonly type: 'transfer.finished'
  readonly outcome: Outcome
  readonly files: number
  readonly bytes: number
  /** Milliseconds. */
  readonly took: number
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

interface OfCommand {
  /** Absent for a command on the person's own machine. */
  readonly host?: string
  readonly task: string
  /** Tells the commands of one host and task apart: they are counted from 1. */
  readonly number: number
  /** As people read it, masked. */
  readonly command: string
}

/** A free-form task runs a command. */
export interface CommandStarted extends OfCommand {
  readonly type: 'command.started'
  /** Who runs it, where that is not the login user. */
  readonly as?: string
}

/** What the command said, in whole lines as they came, unless it was hidden. Masked. */
export interface CommandOutput extends OfCommand {
  readonly type: 'command.output'
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
  /** It is what the person asked for, and not a sign of progress. */
  readonly isAnswer?: true
}

export interface CommandFinished extends OfCommand {
  readonly type: 'command.finished'
  /** `unknown`: the connection was lost, and nobody knows how it ended. */
  readonly outcome: Outcome
  /** Absent where it has none: it did not begin, or nobody knows. */
  readonly exitCode?: number
  /** Milliseconds. */
  readonly took: number
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

/** A task that is a function begins: on a host, or on the person's own machine where none is named. */
export interface TaskStarted {
  readonly type: 'task.started'
  readonly task: string
  readonly host?: string
}

/**
 * What a function came to. `would run`: a dry run cannot look at it, and does not run it. `met`: what it makes is there, made of the same.
 */
export interface TaskFinished {
  readonly type: 'task.finished'
  readonly task: string
  readonly host?: string
  readonly verdict: 'done' | 'met' | 'would run' | 'skipped' | 'failed'
  /** Milliseconds. */
  readonly took: number
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

export interface Counts {
  readonly met: number
  readonly changed: number
  readonly wouldChange: number
  readonly after: number
  readonly skipped: number
  readonly failed: number
  readonly unknown: number
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

export const noCounts: Counts = { met: 0, changed: 0, wouldChange: 0, after: 0, skipped: 0, failed: 0, unknown: 0 }

/** The same counts with one more step in them. */
export function counted(counts: Counts, verdict: Verdict): Counts {
  const key = verdict === 'would change' ? 'wouldChange' : verdict
  return { ...counts, [key]: counts[key] + 1 }
}

/** The sum of two counts: of two hosts, or of two parts of a run. */
export function addCounts(one: Counts, other: Counts): Counts {
  return {
    met: one.met + other.met,
    changed: one.changed + other.changed,
    wouldChange: one.wouldChange + other.wouldChange,
    after: one.after + other.after,
    skipped: one.skipped + other.skipped,
    failed: one.failed + other.failed,
    unknown: one.unknown + other.unknown,
  }
}
