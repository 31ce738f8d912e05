import path from 'node:path'
import { didYouMean } from '../config/suggestion.ts'
import { isTasksError, TasksError } from '../core/errors.ts'
import type { AnyTask, Param } from '../core/task.ts'
import { paramsOf } from '../project/chain.ts'

type Values = Readonly<Record<string, unknown>>

/**
 * The arguments of a task and its chain: those that are given, else what is usual. Throws `usage` errors for what is missing or cannot be used.
 * Which site it is for is no argument here.
 */
export function argumentsOf(task: AnyTask, given: Values, folder: string): Values {
  return Object.fromEntries(
    knownParams([task]).map(([name, param]) => {
      const value = given[name]
      if (value !== undefined) return [name, read(value, { name, param, folder })]
      if (param.isRequired) throw missing(task, name)
      return [name, param.default]
    }),
  )
}

/** Refuses arguments that none of the tasks has. */
export function refuseStrangers(tasks: readonly AnyTask[], given: Values): void {
  const known = knownParams(tasks).map(([name]) => name)
  const stranger = Object.keys(given).find((name) => name !== 'site' && !known.includes(name))
  if (stranger === undefined) return
  throw new TasksError({
    code: 'usage',
    message: `Cannot run "${tasks.map(({ name }) => name).join(' ')}", because it has no parameter ${JSON.stringify(stranger)}.`,
    hint: didYouMean(stranger, known, known.length === 0 ? 'leave it out' : `use one of: ${known.join(', ')}`),
  })
}

function knownParams(tasks: readonly AnyTask[]) {
  return tasks.flatMap((task) => Object.entries(paramsOf(task))).filter(([name]) => name !== 'site')
}

interface Place {
  readonly name: string
  readonly param: Param<unknown>
  /** What relative paths are of. */
  readonly folder: string
}

/** Words are read as on the command line, and so are numbers: what cannot be is refused in the same way. */
function read(value: unknown, place: Place): unknown {
  if (Array.isArray(value)) return value.flatMap((one: unknown) => read(one, place))
  if (typeof value !== 'string' && typeof value !== 'number') return value
  const { name, param, folder } = place
  const isPath = param.names === 'path' && !String(value).startsWith('~') && value !== ''
  try {
    return param.parse(isPath ? path.resolve(folder, String(value)) : String(value), name)
  } catch (cause) {
    if (!isTasksError(cause) || cause.hint !== undefined) throw cause
    throw new TasksError({ code: cause.code, message: cause.message, hint: `look at params.${name}`, cause })
  }
}

function missing({ name: task }: AnyTask, name: string): TasksError {
  return new TasksError({
    code: 'usage',
    message: `Cannot run "${task}", because its parameter "${name}" is missing.`,
    hint: `give it as params.${name}`,
  })
}
