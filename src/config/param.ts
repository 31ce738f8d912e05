import { TasksError } from '../core/errors.ts'
import type { Param } from '../core/task.ts'
import { normalSiteName, type Problem, revisionProblem, siteNameProblem } from './names.ts'

interface Words {
  /** One line for the help: what the value is, in a few words. */
  readonly summary?: string
  /** What stands for the value in the help: `NAME`. */
  readonly placeholder?: string
}

/**
 * The kinds of arguments that a task may have. Each gives the argument's type, its flag and its help.
 * An argument with neither a default nor `isOptional` must be given.
 */
export const param = {
  /** A site's name, from `--site`; the task's context then has the site itself. */
  site: (): Param<string> => ({ ...siteWords, kind: 'param', isRequired: true, parse: parseSite }),
  text: textParam,
  /** A switch: true when it is given. */
  flag: ({ summary = '' }: Pick<Words, 'summary'> = {}): Param<boolean> => ({
    kind: 'param',
    summary,
    default: false,
    isRequired: false,
    parse: (text) => text !== 'false',
  }),
  number: numberParam,
  choice: choiceParam,
  /** A branch, tag or commit of the local repository. */
  gitRef: ({ default: usual = 'HEAD' }: { readonly default?: string } = {}): Param<string> => ({
    kind: 'param',
    summary: 'branch, tag or commit',
    placeholder: 'REF',
    default: usual,
    isRequired: false,
    parse: (text) => checked(text, 'a git revision', revisionProblem),
  }),
} as const

const siteWords = { summary: 'the site, by its domain', placeholder: 'SITE' }

interface Optional {
  readonly isOptional: true
}

function textParam(words: Words & Optional): Param<string | undefined>
function textParam(words: Words & { readonly default?: string }): Param<string>
function textParam(
  words: Words & { readonly default?: string; readonly isOptional?: true },
): Param<string | undefined> {
  return made(words, 'TEXT', (text) => text)
}

function numberParam(words: Words & Optional): Param<number | undefined>
function numberParam(words: Words & { readonly default?: number }): Param<number>
function numberParam(
  words: Words & { readonly default?: number; readonly isOptional?: true },
): Param<number | undefined> {
  return made(words, 'NUMBER', (text) => {
    const isNumber = /^-?\d+(\.\d+)?$/.test(text)
    return Number(checked(text, 'a number', () => (isNumber ? undefined : 'it is not written with digits alone')))
  })
}

function choiceParam<const C extends string>(choices: readonly C[], words: Words & Optional): Param<C | undefined>
function choiceParam<const C extends string>(choices: readonly C[], words?: Words & { readonly default?: C }): Param<C>
function choiceParam<const C extends string>(
  choices: readonly C[],
  words: Words & { readonly default?: C; readonly isOptional?: true } = {},
): Param<C | undefined> {
  return made(words, choices.join('|'), (text) => {
    const chosen = choices.find((choice) => choice === text)
    if (chosen !== undefined) return chosen
    throw new TasksError({
      code: 'usage',
      message: `Cannot use ${JSON.stringify(text)}, because it is none of: ${choices.join(', ')}.`,
    })
  })
}

function made<T>(
  {
    summary = '',
    placeholder,
    default: usual,
    isOptional,
  }: Words & { readonly default?: T; readonly isOptional?: true },
  usualPlaceholder: string,
  parse: (text: string) => T,
): Param<T> {
  return {
    kind: 'param',
    summary,
    placeholder: placeholder ?? usualPlaceholder,
    ...(usual === undefined ? {} : { default: usual }),
    isRequired: usual === undefined && isOptional !== true,
    parse,
  }
}

function parseSite(text: string): string {
  return normalSiteName(checked(text, 'a site', siteNameProblem))
}

function checked(text: string, what: string, problemOf: (text: string) => Problem): string {
  const problem = problemOf(text)
  if (problem !== undefined) throw unusable(text, what, problem)
  return text
}

function unusable(text: string, what: string, problem: string): TasksError {
  return new TasksError({
    code: 'usage',
    message: `Cannot use ${JSON.stringify(text)} as ${what}, because ${problem}.`,
  })
}
