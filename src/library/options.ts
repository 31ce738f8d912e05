import type { Ask } from '../core/ask.ts'
import type { Secret } from '../core/data.ts'
import type { Mode } from '../core/event.ts'
import type { AnyTask, Call, Needs, Param, Params, Task } from '../core/task.ts'

/** How a run is done: what the flags of the command line say there. */
export interface RunOptions {
  /** Hosts and `@groups` of the config, sandbox hosts, or `user@address:port`. */
  readonly hosts?: readonly string[]
  /** A site, by its domain. */
  readonly site?: string
  readonly stage?: string
  /** `dry-run` looks and changes nothing; `step` asks `ask.step` about each change. */
  readonly mode?: Mode
  /** Leaves out all other tasks of the chain. */
  readonly only?: readonly string[]
  /** Waits while somebody else's run holds the lock. */
  readonly wait?: boolean
  /** Hosts that are worked on at once: 10, unless said. */
  readonly jobs?: number
  /** So many hosts end before the next begin. */
  readonly batch?: number
  /** Hosts that may fail before no other begins. */
  readonly maxFailures?: number
  /** Agrees to what would be asked about before anything is done. */
  readonly yes?: boolean
  /** The site that is meant, which a change of a protected stage wants to be named. */
  readonly confirm?: string
  /** Answers the run's questions. One that is absent is answered by nobody: what needs the answer fails, and says so. */
  readonly ask?: Ask
  /** Stops the run after the step that is running. `kill()` of the run ends that step, too. */
  readonly signal?: AbortSignal
}

export interface StartOptions extends RunOptions {
  /**
   * Arguments, by name, for the tasks and all that they need. A text is read as on the command line; other values are taken as they are. The
   * environment says nothing here.
   */
  readonly params?: Readonly<Record<string, unknown>>
}

/** A task by its name, as it is, or with arguments: `call(deploy, { ref: 'v2' })`. */
export type Wanted = string | AnyTask | Call

/** The options for what is wanted: of a task that is a value, its parameters are known. */
export type OptionsOf<W> = W extends AnyTask ? OptionsFor<W['params'], W['needs']> : [options?: StartOptions]

/** The arguments for it alone. */
export type ArgumentsOf<W> = W extends AnyTask ? Arguments<W['params'], W['needs']> : {}

/** What its function returns, where that is known. */
// biome-ignore lint/suspicious/noExplicitAny: variance, as in core
export type ReturnOf<W> = W extends Task<any, any, infer R> ? R : unknown

type OptionsFor<P extends Params, N extends Needs> =
  {} extends Given<P>
    ? [options?: RunOptions & { readonly params?: Arguments<P, N> }]
    : [options: RunOptions & { readonly params: Arguments<P, N> }]

/** Its own, and those of what it needs. */
type Arguments<P extends Params, N extends Needs> = Given<P> & Omit<NeededBy<N>, keyof P>

type NeededBy<N extends Needs> = keyof N extends never ? {} : Together<{ [K in keyof N]: OfNeed<N[K]> }[keyof N]>
type OfNeed<T> = T extends Call<infer C> ? OfTask<C> : OfTask<T>
// biome-ignore lint/suspicious/noExplicitAny: variance, as in core
type OfTask<T> = T extends Task<infer P, infer N, any> ? Partial<Given<P>> & NeededBy<N> : {}
type Together<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void ? I : never

/** The arguments that must be given, and those that may be. Which site it is for is said by `site`. */
type Given<P extends Params> = {
  readonly [K in Exclude<Required<P>, 'site'>]: Value<P[K]>
} & { readonly [K in Exclude<keyof P, Required<P> | 'site'>]?: Value<P[K]> | undefined }

type Required<P extends Params> = {
  [K in keyof P]: P[K] extends Param<infer _, infer Q> ? ([Q] extends [true] ? K : never) : never
}[keyof P]

/** A secret may be given as its text. */
type Value<P> = P extends Param<infer T> ? (Secret extends T ? T | string : T) : never
