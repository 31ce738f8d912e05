import { isTasksError, TasksError } from '../core/errors.ts'
import type { AnyTask, Param, Params } from '../core/task.ts'
import { type PlannedTask, plan } from '../run/graph.ts'
import { sharedFlagNames } from './flags.ts'

/** The parameters of a task and of all that comes before and after it, by name: those of the same name are one. */
export function paramsOf(task: AnyTask): Params {
  const params = Object.assign({}, ...chainPlan(task).map(({ open }) => open), task.params) as Params
  const taken = Object.keys(params).find((name) => (sharedFlagNames as readonly string[]).includes(flagName(name)))
  if (taken === undefined) return params
  throw new TasksError({
    code: 'config',
    message: `Cannot use task "${task.name}", because its parameter "${taken}" has the name of a flag that every task has.`,
    hint: 'give the parameter another name',
  })
}

/** `keepReleases` is typed as `--keep-releases`. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** The arguments of a task from the words that commander found. Throws `usage` errors that name the flag. */
export function argumentsOf(
  task: AnyTask,
  words: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const params = Object.entries(paramsOf(task)).filter(([name]) => name !== 'site')
  return Object.fromEntries(params.map(([name, param]) => [name, argument(task, { name, param, word: words[name] })]))
}

/** What is done when the task is asked for, in order. */
export function chainOf(task: AnyTask): readonly AnyTask[] {
  return chainPlan(task).map((planned) => planned.task)
}

/** The same, as it is planned before any argument is known. */
export function chainPlan(task: AnyTask): readonly PlannedTask[] {
  return plan({ task, params: {}, only: [] })
}

function argument(
  task: AnyTask,
  { name, param, word }: { readonly name: string; readonly param: Param<unknown>; readonly word: unknown },
): unknown {
  if (typeof word === 'boolean') return word
  if (typeof word === 'string') return parsed(word, name, param)
  if (!param.isRequired) return param.default
  throw new TasksError({
    code: 'usage',
    message: `Cannot run "${task.name}", because --${flagName(name)} is missing.`,
    hint: `add --${flagName(name)} ${param.placeholder ?? ''}`.trimEnd(),
  })
}

/** What a parameter says of a word it cannot take, with the flag that the word was given for. */
function parsed(word: string, name: string, param: Param<unknown>): unknown {
  try {
    return param.parse(word)
  } catch (cause) {
    if (!isTasksError(cause) || cause.hint !== undefined) throw cause
    const hint = `write: --${flagName(name)} <${param.placeholder ?? ''}>`
    throw new TasksError({ code: cause.code, message: cause.message, hint, cause })
  }
}
