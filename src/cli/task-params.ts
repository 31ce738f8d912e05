import { isTasksError, TasksError } from '../core/errors.ts'
import type { AnyTask } from '../core/task.ts'
import { flagsOf, flagWords, type TaskFlag } from './task-flags.ts'

/** What was found on the command line for each parameter, by its name: words, several of them, or what a switch or a count came to. */
export type Words = Readonly<Record<string, string | readonly string[] | boolean | number | undefined>>

export type Arguments = Readonly<Record<string, unknown>>

interface Sources {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Reads the file that a flag names for a secret. */
  readonly textOf: (file: string, flag: string) => string
}

/** What is said of a task's arguments, and what must still be asked for. */
export interface Gathered {
  readonly values: Arguments
  readonly missing: readonly TaskFlag[]
}

/** The arguments of a task: of the command line, else of the environment, else what is usual. Throws `usage` errors that name the flag or the variable. */
export function gathered(task: AnyTask, words: Words, sources: Sources): Gathered {
  const found = flagsOf(task).map((flag) => ({ flag, value: said(flag, words[flag.name], sources) }))
  const missing = found.filter(({ flag, value }) => value === undefined && flag.param.isRequired)
  return {
    values: Object.fromEntries(found.map(({ flag, value }) => [flag.name, value ?? flag.param.default])),
    missing: missing.map(({ flag }) => flag),
  }
}

/** Why a task cannot be done without an argument, where nobody can be asked for it. */
export function missingArgument(task: AnyTask, flag: TaskFlag): TasksError {
  const { param, variable } = flag
  const word = flagWords(flag)
  const typed = flag.isPositional ? word : `${word} ${param.placeholder ?? ''}`.trimEnd()
  return new TasksError({
    code: 'usage',
    message: `Cannot run "${task.name}", because ${word} is missing.`,
    hint: `add ${typed}, or set ${variable}`,
  })
}

function said(flag: TaskFlag, word: Words[string], sources: Sources): unknown {
  const isNothing = word === undefined || (Array.isArray(word) && word.length === 0)
  const value = isNothing ? fromEnvironment(flag, sources) : fromLine(flag, word, sources)
  return Array.isArray(value) && value.length === 0 ? undefined : value
}

function fromLine(flag: TaskFlag, word: Exclude<Words[string], undefined>, { textOf }: Sources): unknown {
  const { param, isPositional } = flag
  const hint = `write: ${isPositional ? flagWords(flag) : `${flagWords(flag)} <${param.placeholder ?? ''}>`}`
  if (word === true && param.form !== 'switch') return param.alone
  if (typeof word === 'boolean' || typeof word === 'number') return word
  if (param.form === 'secret') return parsed(flag, textOf(String(word), flagWords(flag)), hint)
  if (typeof word === 'string') return parsed(flag, word, hint)
  return word.flatMap((one) => parsed(flag, one, hint) as readonly unknown[])
}

/** An empty variable says nothing: that is how most who set them leave them out. Of a list each line is as a flag of its own. */
function fromEnvironment(flag: TaskFlag, { environment }: Sources): unknown {
  const text = environment[flag.variable]
  if (text === undefined || text === '') return undefined
  const { placeholder, form } = flag.param
  const wanted = placeholder === undefined ? (form === 'count' ? 'a number' : 'yes or no') : `<${placeholder}>`
  const hint = `set ${flag.variable} to ${wanted}`
  if (form !== 'list') return parsed(flag, text, hint)
  return text.split('\n').flatMap((line) => parsed(flag, line, hint) as readonly unknown[])
}

/** What a parameter says of a word it cannot take, with the way in which it was given. */
function parsed({ param, name }: TaskFlag, word: string, hint: string): unknown {
  try {
    return param.parse(word, name)
  } catch (cause) {
    if (!isTasksError(cause) || cause.hint !== undefined) throw cause
    throw new TasksError({ code: cause.code, message: cause.message, hint, cause })
  }
}
