import { TasksError } from '../core/errors.ts'
import type { AnyTask } from '../core/task.ts'

/** A task at its place in a run, with the arguments that are its own. */
export interface PlannedTask {
  readonly task: AnyTask
  readonly params: Readonly<Record<string, unknown>>
}

interface Asked {
  readonly task: AnyTask
  readonly params: Readonly<Record<string, unknown>>
  /** Names of the tasks to which the chain is narrowed; empty for all. */
  readonly only: readonly string[]
}

/**
 * Orders what was asked for: what a task needs comes before it, what follows it comes after, each task once. Arguments flow
 * by name to the tasks that declare them. Throws a TasksError (`usage`) for a name in `only` that is not in the chain, and a TypeError for a cycle.
 */
export function plan({ task, params, only }: Asked): readonly PlannedTask[] {
  const ordered: AnyTask[] = []
  visit(task, ordered, [])
  for (const follower of task.then) visit(follower, ordered, [])
  const strangers = only.filter((name) => ordered.every((other) => other.name !== name))
  if (strangers.length > 0) {
    throw new TasksError({
      code: 'usage',
      message: `Cannot narrow "${task.name}" to "${strangers[0]}", because that is not part of it.`,
      hint: `use one of: ${ordered.map(({ name }) => name).join(', ')}`,
    })
  }
  return ordered
    .filter(({ name }) => only.length === 0 || only.includes(name))
    .map((planned) => ({ task: planned, params: paramsOf(planned, params) }))
}

/** The results that a task's needs hand on, by the names under which it needs them. */
export function resultsFor(task: AnyTask, resultOf: (needed: AnyTask) => unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(needsOf(task).map(([name, needed]) => [name, resultOf(needed)]))
}

function visit(task: AnyTask, ordered: AnyTask[], path: readonly AnyTask[]): void {
  if (ordered.includes(task)) return
  if (path.includes(task)) {
    throw new TypeError(
      `The tasks ${[...path, task].map(({ name }) => name).join(' -> ')} need each other in a circle.`,
    )
  }
  for (const [, needed] of needsOf(task)) visit(needed, ordered, [...path, task])
  ordered.push(task)
}

function needsOf(task: AnyTask): readonly (readonly [string, AnyTask])[] {
  return Object.entries(task.needs as Readonly<Record<string, AnyTask>>)
}

function paramsOf(task: AnyTask, given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const declared = Object.entries(task.params as Readonly<Record<string, { readonly default?: unknown }>>)
  return Object.fromEntries(declared.map(([name, param]) => [name, given[name] ?? param.default]))
}
