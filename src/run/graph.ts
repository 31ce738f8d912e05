import { isDeepStrictEqual } from 'node:util'
import { TasksError } from '../core/errors.ts'
import { type AnyTask, type Call, calledTask, type Param, type Params } from '../core/task.ts'

/** A task at its place in a run, with the arguments that are its own. */
export interface PlannedTask {
  readonly task: AnyTask
  /** Its name; with a number where a run does it more than once: `db:dump (2)`. */
  readonly label: string
  readonly params: Readonly<Record<string, unknown>>
  /** The parameters that no call has given: they are the person's to give. */
  readonly open: Params
  readonly needs: Readonly<Record<string, PlannedTask>>
}

/** A task that somebody asks for, with its arguments, parsed: its needs and followers take theirs from here by name. */
export interface Root {
  readonly task: AnyTask
  readonly params: Readonly<Record<string, unknown>>
}

interface Asked {
  /** In the order in which they were asked for. */
  readonly roots: readonly Root[]
  /** Names of the tasks to which the chain is narrowed; empty for all. */
  readonly only: readonly string[]
}

/**
 * Orders what was asked for: what a task needs comes before it, what follows it comes after, each once for the same arguments, whichever of
 * the roots wants it. Arguments flow by name to the tasks that declare them; a call's own go before. Throws a TasksError (`usage`) for a
 * name in `only` that is not in the chain, and a TypeError for a circle.
 */
export function plan({ roots, only }: Asked): readonly PlannedTask[] {
  const ordered: PlannedTask[] = []
  for (const root of roots) visitRoot(root, ordered)
  const names = [...new Set(ordered.map(({ task: { name } }) => name))]
  const stranger = only.find((name) => !names.includes(name))
  if (stranger !== undefined) {
    throw new TasksError({
      code: 'usage',
      message: `Cannot narrow "${lineOf(roots)}" to "${stranger}", because that is not part of it.`,
      hint: `use one of: ${names.join(', ')}`,
    })
  }
  return ordered.filter((planned) => only.length === 0 || only.includes(planned.task.name))
}

/** What was asked for, as one would type it: `frontend deploy`. */
export function lineOf(roots: readonly Pick<Root, 'task'>[]): string {
  return roots.map(({ task: { name } }) => name).join(' ')
}

function visitRoot({ task, params }: Root, ordered: PlannedTask[]): void {
  const person: Caller = { scope: params, given: [], path: [] }
  const asked = visit(task, person, ordered)
  const after: Caller = { ...person, task: asked.task, params: asked.params }
  for (const follower of asked.task.then) visit(follower, after, ordered)
}

/** Whether anything of it is done on a host. */
export function needsHost(planned: readonly PlannedTask[]): boolean {
  return planned.some(({ task }) => task.steps !== undefined || task.run !== undefined)
}

/** Who wants a task done: another task, or the person. */
interface Caller {
  readonly task?: AnyTask
  readonly params?: Readonly<Record<string, unknown>>
  /** The arguments that flow from here on, by name. */
  readonly scope: Readonly<Record<string, unknown>>
  /** Which of them a call has given. */
  readonly given: readonly string[]
  readonly path: readonly AnyTask[]
}

function visit(wanted: AnyTask | Call, caller: Caller, ordered: PlannedTask[]): PlannedTask {
  const task = calledTask(wanted)
  const own = wanted.kind === 'call' ? argumentsOf(wanted, caller) : {}
  const scope = { ...caller.scope, ...own }
  const params = paramsOf(task, scope)
  const known = ordered.find((other) => other.task === task && isDeepStrictEqual(other.params, params))
  if (known !== undefined && !(wanted.kind === 'call' && wanted.isRepeated)) return known
  if (caller.path.includes(task)) throw circle([...caller.path, task])
  const given = [...caller.given, ...Object.keys(own)]
  const here: Caller = { task, params, scope, given, path: [...caller.path, task] }
  const needs = Object.entries(task.needs as Readonly<Record<string, AnyTask | Call>>)
  const handed = Object.fromEntries(needs.map(([name, needed]) => [name, visit(needed, here, ordered)]))
  const open = without(task.params as Params, given)
  const planned: PlannedTask = { task, params, open, needs: handed, label: labelFor(task, ordered) }
  ordered.push(planned)
  return planned
}

function argumentsOf({ task: called, params }: Call, { task, params: own = {} }: Caller) {
  return Object.fromEntries(
    Object.entries(params).map(([name, given]) => {
      if (!isParam(given)) return [name, given]
      const [source] = Object.entries((task?.params ?? {}) as Params).find(([, param]) => param === given) ?? []
      if (source !== undefined) return [name, own[source]]
      throw new TypeError(
        `The task "${task?.name}" calls "${called.name}" with a parameter for "${name}" that is none of its own.`,
      )
    }),
  )
}

function isParam(value: unknown): value is Param<unknown> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'param'
}

function paramsOf(task: AnyTask, scope: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const declared = Object.entries(task.params as Params)
  return Object.fromEntries(declared.map(([name, param]) => [name, scope[name] ?? param.default]))
}

function without(params: Params, names: readonly string[]): Params {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !names.includes(name)))
}

function labelFor({ name }: AnyTask, ordered: readonly PlannedTask[]): string {
  const before = ordered.filter(({ task }) => task.name === name).length
  return before === 0 ? name : `${name} (${before + 1})`
}

function circle(path: readonly AnyTask[]): TypeError {
  return new TypeError(`The tasks ${path.map(({ name }) => name).join(' -> ')} need each other in a circle.`)
}
