import type { App, Host, Site, Stage } from './app.ts'
import type { Content } from './data.ts'
import type { Step } from './step.ts'

/** A typed argument of a task: one value gives its type, its flag and its help. */
export interface Param<T> {
  readonly kind: 'param'
  readonly summary: string
  /** What stands for the value in the help: `SITE`. Absent where none is written. */
  readonly placeholder?: string
  readonly default?: T
  readonly isRequired: boolean
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
export type Needs = Readonly<Record<string, AnyTask>>
export type Results<N extends Needs> = {
  readonly [K in keyof N]: N[K] extends Task<Params, Needs, infer R> ? R : never
}

/**
 * A named list of steps with typed arguments, typed needs and a typed result. The result is computed from the inputs, never
 * discovered on the host, so that a dry run knows it too.
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
  readonly then: readonly AnyTask[]
  /** The task whose dry run is counted, unheard, for each site of the config that this one tells the status of: its drift. */
  readonly driftOf?: AnyTask
  /** Who may do it at the same time: one at a time for the host, for the site, or anybody. */
  readonly lock: 'host' | 'site' | 'none'
  readonly steps?: (context: StepsContext<P, N>) => readonly Step[] | Promise<readonly Step[]>
  /** Done on this machine after all steps of the run have succeeded; never in a dry run. */
  readonly local?: (context: LocalContext<P, N>) => Promise<void>
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

export interface LocalContext<P extends Params, N extends Needs> extends TaskContext<P, N> {
  /** Runs a command line with the person's shell in the project's folder; its output becomes events. Rejects when it fails. */
  readonly run: (command: string, options?: { readonly env?: Readonly<Record<string, string>> }) => Promise<void>
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
