import type { Data } from './data.ts'
import type { ListedRelease } from './listed-release.ts'
import type { PastRun } from './past-run.ts'
import type { HostValue, Shell } from './sh.ts'
import type { SiteState } from './site-status.ts'

/**
 * One desired fact about a host: a check (is it so?) and an apply (make it so).
 *
 * The check exits 0 when the fact holds, 1 when it does not, and anything else when it cannot tell (`unknown`); it
 * writes nothing, and answers on a bare machine too. Any apply is followed by the same check.
 * A step with no apply is an assertion: unmet, it fails. A step with no check is done in every run (`always`).
 */
export interface Step {
  readonly kind: 'step'
  /** Unique in its task, the same in a dry run and in the run: `file /etc/nginx/nginx.conf`. */
  readonly name: string
  /** What a person reads, in the state's words: `nginx serves staging.example.com`. `<name>` stands for a host value. */
  readonly title: string
  /** Who checks and applies: `root`, or another user. */
  readonly as: string
  readonly check?: Shell
  readonly apply?: Shell
  /** Prints, for people, what the apply would do: a diff, a list. Writes nothing. */
  readonly preview?: Shell
  /** Set by this step, in a dry run too: what `check` printed to standard output, as one line, is the value; its exit must be 0. */
  readonly value?: HostValue
  /** Function definitions that the shell text calls; each is put into the program once, however many steps use it. */
  readonly uses: readonly Shell[]
  /** Files that the shell text of this step reads. */
  readonly data: readonly Data[]
  /**
   * Steps that this one's check reads: in a dry run, when one of them is unmet, this one is decided after it.
   * `everything`: all steps before it, those of other tasks too; for what is asked of the result as a whole.
   */
  readonly after: readonly Step[] | 'everything'
  /** What the grouped look-ups must know before the check runs. */
  readonly lookups: Lookups
  /** Follow-ups that the apply makes due: noted on the host before the change, so that a dead run's are not forgotten. */
  readonly owes: readonly FollowUp[]
  /** The follow-up that this step is: unmet while it is owed; no longer owed once the step has succeeded. */
  readonly pays?: FollowUp
  readonly timeouts: Timeouts
  /** Reads what the step said, and tells the person what matters in it. */
  readonly tell?: (said: Said) => readonly News[]
  /** Reads what a failed step said, and finds the reason and the way out in it. */
  readonly explain?: (said: Said) => Explanation | undefined
}

/** A named debt: `nginx-reload`. `[a-z0-9@._-]+` */
export interface FollowUp {
  readonly kind: 'follow-up'
  readonly name: string
}

export interface Lookups {
  /** Debian packages whose state `pkg_version NAME` and `pkg_installed NAME` tell in a check. */
  readonly packages: readonly string[]
  /** systemd units whose state `unit_is NAME PROPERTY VALUE` tells in a check; `name@*.service` stands for all instances that systemd knows. */
  readonly units: readonly string[]
  /** Absolute paths of plain characters, of which `path_is`, `content_is` and `link_is` then know, as the step's user sees them. */
  readonly files: readonly string[]
}

export interface Timeouts {
  /** Seconds until a check that has not answered is `unknown`. */
  readonly check: number
  /** Seconds until an apply is ended and the step failed. */
  readonly apply: number
}

/** What a finished step printed, for reading by `tell` and `explain`. */
export interface Said {
  readonly output: string
  readonly verdict: Verdict
  /** The exit code of the fragment that decided. */
  readonly exitCode: number
  /** Host values known so far. */
  readonly values: Readonly<Record<string, string>>
}

export type News =
  | { readonly kind: 'note' | 'warning'; readonly message: string; readonly hint?: string | undefined }
  | { readonly kind: 'switched'; readonly site: string; readonly release: number; readonly commit: string }
  | { readonly kind: 'releases'; readonly site: string; readonly releases: readonly ListedRelease[] }
  | { readonly kind: 'runs'; readonly site?: string | undefined; readonly runs: readonly PastRun[] }
  | { readonly kind: 'status'; readonly state: SiteState }

export interface Explanation {
  /** One sentence part: `Cannot …, because …` is made by the step; this is all of it. */
  readonly message: string
  readonly hint?: string | undefined
  /** What is shown of the step's output, in place of its last lines. */
  readonly output?: string | undefined
}

export type Verdict = 'met' | 'changed' | 'would change' | 'after' | 'skipped' | 'failed' | 'unknown'

type StepParts = Pick<Step, 'name' | 'title'> &
  Partial<Omit<Step, 'kind' | 'lookups' | 'timeouts'>> & {
    readonly lookups?: Partial<Lookups>
    readonly timeouts?: Partial<Timeouts>
  }

/** Fills in what a step need not say: root does it, nothing is read, a check has 30 seconds and an apply half an hour. */
export function step(parts: StepParts): Step {
  return {
    as: 'root',
    uses: [],
    data: [],
    after: [],
    owes: [],
    ...parts,
    kind: 'step',
    lookups: { packages: [], units: [], files: [], ...parts.lookups },
    timeouts: { check: 30, apply: 1800, ...parts.timeouts },
  }
}

/** A command that is run every time, since nothing can tell whether it is needed: `because` is shown to the person. */
export function always(
  command: Shell,
  { name, because, as = 'root' }: { readonly name: string; readonly because: string; readonly as?: string },
): Step {
  return step({ name, title: `${name} (always, because ${because})`, as, apply: command })
}

export function hostValue(name: string): HostValue {
  return { kind: 'host-value', name }
}

export function followUp(name: string): FollowUp {
  return { kind: 'follow-up', name }
}
