import type { App, Host, Site, Stage } from './app.ts'
import type { Content } from './data.ts'
import type { FreeForm, FreeFormOnHost } from './free-form.ts'
import type { Step } from './step.ts'

/** A typed argument of a task: one value gives its type, its flag and its help. `Q` is whether it must be given. */
export interface Param<T, Q extends boolean = boolean> {
  readonly kind: 'param'
  readonly summary: string
  /** What stands for the value in the help: `SITE`. Absent where none is written. */
  readonly placeholder?: string
  readonly default?: T
  readonly isRequired: Q
  /** The value of the words given for the flag `name`; throws a TasksError with code `usage` that names the value, unless it is a secret. */
  readonly parse: (text: string, name: string) => T
  /**
   * How it is written, where not as `--name VALUE`: a switch as `--name` or `--no-name`; a count as often as it counts; a list once for
   * each item, or with commas; a secret never, but in a file.
   */
  readonly form?: 'switch' | 'count' | 'list' | 'secret'
  /** Whether it is written without a flag, in the order in which such parameters stand; a list takes all that is left. */
  readonly isPositional?: boolean
  /** The one letter that may be written for the flag: `k` for `-k`. */
  readonly short?: string
  /** The value where the flag stands alone; only then may it. */
  readonly alone?: T
  /** The words that it can be, where only some can. */
  readonly choices?: readonly string[]
  /** What its words name, so that a shell can complete them. */
  readonly names?: 'site' | 'path' | 'revision'
}

export type Params = Readonly<Record<string, Param<unknown>>>
export type ParamValues<P extends Params> = { readonly [K in keyof P]: P[K] extends Param<infer T> ? T : never }

/** Tasks that must be done first, by the names under which their results are handed on. */
export type Needs = Readonly<Record<string, AnyTask | Call>>
export type Results<N extends Needs> = { readonly [K in keyof N]: ResultOf<TaskOf<N[K]>> }
// biome-ignore lint/suspicious/noExplicitAny: variance, as below
type ResultOf<T> = T extends Task<any, any, infer R> ? R : never
type TaskOf<T> = T extends Call<infer C> ? C : T

/** A task with arguments of its own, where another one needs it or is followed by it. */
export interface Call<T extends AnyTask = AnyTask> {
  readonly kind: 'call'
  readonly task: T
  /** Values, or parameters of the task that calls. What is not among them flows by name, as without a call. */
  readonly params: Readonly<Record<string, unknown>>
  /** Done again, though it was done before with the same arguments. */
  readonly isRepeated: boolean
}

/**
 * A named piece of work with typed arguments, typed needs and a typed result. What it does is one of three: `steps` are facts about a host,
 * which a dry run can look at; `run` is a function for each host, command by command; `local` is one for this machine alone.
 */
export interface Task<P extends Params, N extends Needs, R> {
  readonly kind: 'task'
  /** The verb that a person types. Of a project's own task whoever loads it makes it whole: with its namespace, or of its export's name. */
  readonly name: string
  /** One line for the list of tasks: an imperative with no full stop. */
  readonly summary: string
  /** Other names under which it can be typed. */
  readonly aliases?: readonly string[]
  /** Left out of lists; it can be typed and needed as any other. */
  readonly isHidden?: boolean
  /** Done where the namespace alone is typed. */
  readonly isDefault?: boolean
  /** What a person must agree to before it is done: `This empties the database of {site}`, with the names of places and parameters in braces. */
  readonly confirm?: string
  /** The heading under which it is listed. */
  readonly group?: string
  readonly params: P
  readonly needs: N
  /** Tasks that follow when this one was asked for, with arguments of the same names. */
  readonly then: readonly (AnyTask | Call)[]
  /** The task whose dry run is counted, unheard, for each site of the config that this one tells the status of: its drift. */
  readonly driftOf?: AnyTask
  /** Who may do its steps at the same time: one at a time for the host, for the site, or anybody. */
  readonly lock: 'host' | 'site' | 'none'
  readonly steps?: (context: StepsContext<P, N>) => readonly Step[] | Promise<readonly Step[]>
  /** Done on each host; never in a dry run. What it returns is the task's result there, unless `result` says it. */
  readonly run?: (context: RunContext<P, N>) => R | Promise<R>
  /** Done once, on this machine, when all hosts have done what comes before it; never in a dry run. What it returns is the result, unless `result` says it. */
  readonly local?: (context: LocalContext<P, N>) => R | Promise<R>
  /** On which of the run's hosts its steps and its `run` are done: all, a group, or the one that does what must happen once. */
  readonly on?: 'all' | 'primary' | `@${string}`
  /** Whether its function has anything to do; a dry run asks it, too. */
  readonly when?: (context: Omit<TaskContext<P, N>, 'host'>) => boolean
  /**
   * Files that `local` makes others of, as glob patterns relative to the config's folder. With `outputs` it is left out while neither they nor
   * the outputs have changed since it was done.
   */
  readonly inputs?: readonly string[]
  /** The files that `local` makes, as such patterns. */
  readonly outputs?: readonly string[]
  /** Computed from the inputs, never discovered on the host, so that a dry run knows it too. */
  readonly result?: (context: TaskContext<P, N>) => R
}

// Params and results stand on both sides of the functions above, so only `any` lets one list hold all tasks.
// biome-ignore lint/suspicious/noExplicitAny: variance
export type AnyTask = Task<any, any, any>

export interface TaskContext<P extends Params, N extends Needs> {
  readonly params: ParamValues<P>
  /** What the needed tasks handed on. */
  readonly needs: Results<N>
  readonly app: App
  /** The host that the steps are for, with the user who logged in and the user who owns the sites. */
  readonly host: Host & { readonly loginUser: string; readonly siteUser: string }
  /** The site that `--site` named. Tasks that declare a site parameter always have it. */
  readonly site: Site | undefined
  readonly stage: Stage | undefined
}

export interface StepsContext<P extends Params, N extends Needs> extends TaskContext<P, N> {
  /** A template of `deploy_tools/`, the project's own first, filled in. Throws a TasksError that names what is undefined. */
  readonly template: (name: string, variables: Readonly<Record<string, unknown>>) => Content
  /** Tells the person something before the run: what was detected, what is left out. */
  readonly note: (note: {
    readonly level: 'note' | 'warning'
    readonly message: string
    readonly hint?: string | undefined
  }) => void
}

/** What the functions of a free-form task are given: the same, and means to do what they want. */
export interface RunContext<P extends Params, N extends Needs>
  extends Omit<TaskContext<P, N>, 'host'>,
    FreeFormOnHost {}

export interface LocalContext<P extends Params, N extends Needs> extends Omit<TaskContext<P, N>, 'host'>, FreeForm {
  /** The hosts of the run; none where it needs none. */
  readonly hosts: readonly Host[]
}

type TaskParts<P extends Params, N extends Needs, R> = Pick<Task<P, N, R>, 'summary'> &
  Partial<Omit<Task<P, N, R>, 'kind'>>

/**
 * Makes a task of its parts; its worth is inference.
 *
 *     export const greet = defineTask({
 *       name: 'greet',
 *       summary: 'Leave a greeting on the host',
 *       params: { name: param.text({ summary: 'whom to greet', placeholder: 'NAME' }) },
 *       steps: ({ params }) => [file({ path: '/etc/motd', content: content(`Hello ${params.name}\n`) })],
 *     })
 */
export function defineTask<const P extends Params = {}, const N extends Needs = {}, R = undefined>(
  parts: TaskParts<P, N, R>,
): Task<P, N, R> {
  const nothing = { params: {} as P, needs: {} as N } // P and N are {} exactly when the parts are absent
  return { kind: 'task', name: '', ...nothing, then: [], lock: 'none', ...parts }
}

/**
 * A needed task with arguments: values, or parameters of the task that needs it. Throws nothing; a name that the task does not have is a
 * type error. With the same arguments a task is done once in a run, unless `again`.
 *
 *     const params = { from: param.text() }
 *     defineTask({ name: 'refresh', params, needs: { dump: call(dump, { table: 'users', of: params.from }) }, … })
 */
export function call<T extends AnyTask>(
  task: T,
  params: CallParams<T['params']> = {},
  { again = false }: { readonly again?: boolean } = {},
): Call<T> {
  return { kind: 'call', task, params, isRepeated: again }
}

type CallParams<P> = { readonly [K in keyof P]?: P[K] extends Param<infer V> ? V | Param<V> : never }

/** The task that is called, or needed as it is. */
export function calledTask(needed: AnyTask | Call): AnyTask {
  return needed.kind === 'call' ? needed.task : needed
}
