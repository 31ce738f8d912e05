import type { Secret } from '../core/data.ts'
import { secret } from '../core/data.ts'
import { TasksError } from '../core/errors.ts'
import type { Param } from '../core/task.ts'
import { normalSiteName, revisionProblem, siteNameProblem } from './names.ts'
import { checked, chosen, entire, isYes, numeric, type Range, unusable } from './param-values.ts'

interface Words {
  /** One line for the help: what the value is, in a few words. */
  readonly summary?: string
  /** The one letter that may be written for the flag. Unless said, the first of the name, where nothing else begins with it. */
  readonly short?: string
}

interface ValueWords<T, O extends boolean> extends Words {
  /** What stands for the value in the help: `NAME`. */
  readonly placeholder?: string
  readonly default?: T
  /** Whether it may be left out: it is then `undefined`. */
  readonly isOptional?: O
  /** Whether it is written without a flag, at its place among such parameters. */
  readonly isPositional?: boolean
  /** The value where the flag stands alone: `--log` beside `--log FILE`. */
  readonly alone?: T
  /** Says why a value cannot be, in words that follow "because"; nothing where it can. */
  readonly problem?: (value: T) => string | undefined
}

type Maybe<T, O extends boolean> = O extends true ? T | undefined : T

/**
 * The kinds of arguments that a task may have. Each gives the argument's type, its flag and its help.
 * An argument with neither a default nor `isOptional` must be given: as a flag, in the environment, or when a person is asked for it.
 */
export const param = {
  /** A site's name, from `--site`; the task's context then has the site itself. */
  site: (): Param<string> => ({ ...siteWords, kind: 'param', isRequired: true, parse: parseSite }),
  /** Any text. */
  text: <O extends boolean = false>(words: ValueWords<string, O> = {}) => made(words, 'TEXT', (text) => text),
  /** A switch: true when it is given, false as `--no-…`. Asked for where it is required and missing. */
  flag: flagParam,
  /** How often a flag is given: `-vvv` is 3. */
  count: ({ summary = '', ...short }: Words = {}): Param<number> => ({
    ...{ kind: 'param', form: 'count', summary, ...short, default: 0, isRequired: false },
    parse: (text) => numeric(text, { min: 0, isWhole: true }),
  }),
  number: <O extends boolean = false>({ min, max, isWhole, ...words }: ValueWords<number, O> & Range = {}) =>
    made(words, 'NUMBER', (text) => numeric(text, { min, max, isWhole })),
  /** One of these words. */
  choice: <const C extends string, O extends boolean = false>(
    choices: readonly C[],
    words: ValueWords<NoInfer<C>, O> = {},
  ) => ({ ...made<C, O>(words, choices.join('|'), (text) => chosen(text, choices)), choices }),
  list: listParam,
  /** A path of this machine, made absolute: a relative one is of the folder where the command is typed. */
  path: <O extends boolean = false>({
    mustBe,
    ...words
  }: ValueWords<string, O> & { readonly mustBe?: 'file' | 'folder' } = {}) => ({
    ...made(words, mustBe === 'folder' ? 'FOLDER' : 'FILE', (text) => entire(text, mustBe)),
    names: 'path' as const,
  }),
  /** A branch, tag or commit of the local repository. */
  gitRef: ({
    default: usual = 'HEAD',
    summary = 'branch, tag or commit',
    ...words
  }: Words & { readonly default?: string } = {}): Param<string> => ({
    ...made<string, false>({ ...words, summary, default: usual }, 'REF', (text) =>
      checked(text, 'a git revision', revisionProblem),
    ),
    names: 'revision',
  }),
  secret: secretParam,
} as const

const siteWords = { summary: 'the site, by its domain', placeholder: 'SITE', names: 'site' } as const

function flagParam({
  summary = '',
  default: usual = false,
  isRequired = false,
  ...short
}: Words & {
  readonly default?: boolean
  /** Whether a person must say yes or no, since neither is usual. */
  readonly isRequired?: boolean
} = {}): Param<boolean> {
  const value = isRequired ? {} : { default: usual }
  return { kind: 'param', form: 'switch', summary, ...short, ...value, isRequired, parse: isYes }
}

interface ListWords<T> extends Words {
  readonly placeholder?: string
  /** What it is where none is given; empty unless said. */
  readonly default?: readonly T[]
  /** Whether one at least must be given. */
  readonly isRequired?: boolean
  /** Takes all words of the line that are no flags. */
  readonly isPositional?: boolean
  /** Whether a comma begins the next item, as it does unless said; never in words that stand without a flag. */
  readonly isSplit?: boolean
}

/** Several of a kind: the flag may be given for each, and one may hold several with commas between them. */
function listParam<T>(item: Param<T>, words: ListWords<T> = {}): Param<readonly T[]> {
  const { summary = item.summary, default: usual = [], isRequired = false, isSplit = true, ...rest } = words
  const { placeholder, choices, names } = item
  const ofItem = { ...(placeholder && { placeholder }), ...(choices && { choices }), ...(names && { names }) }
  return {
    ...{ kind: 'param', form: 'list', summary, ...ofItem, ...rest, isRequired },
    ...(isRequired ? {} : { default: usual }),
    parse: (text, name) => {
      const parts = isSplit && rest.isPositional !== true ? text.split(',').map((part) => part.trim()) : [text]
      return parts.filter((part) => part !== '').map((part) => item.parse(part, name))
    },
  }
}

/**
 * A text that nobody but the task should read: asked for without echo, or read from a file or the environment, since what is typed on
 * a command line can be read by all. It is core's Secret: hidden in outputs, and a file in the shell text of steps.
 */
function secretParam<O extends boolean = false>({
  summary = '',
  isOptional,
  ...short
}: Words & { readonly isOptional?: O } = {}): Param<Maybe<Secret, O>> {
  return {
    ...{ kind: 'param', form: 'secret', summary, ...short, placeholder: 'FILE', isRequired: isOptional !== true },
    parse: (text, name) => {
      if (text === '') throw emptySecret(name)
      return secret(`param.${name.toLowerCase().replace(/[^a-z0-9.-]/g, '-')}`, text)
    },
  }
}

function emptySecret(name: string): TasksError {
  return new TasksError({ code: 'usage', message: `Cannot use what was given for "${name}", because it is empty.` })
}

function made<T, O extends boolean>(
  { summary = '', placeholder, isOptional, problem, ...words }: ValueWords<T, O>,
  usualPlaceholder: string,
  parse: (text: string) => T,
): Param<Maybe<T, O>> {
  return {
    kind: 'param',
    summary,
    placeholder: placeholder ?? usualPlaceholder,
    ...(words as ValueWords<Maybe<T, O>, O>), // a value that may be absent is one that may be there
    isRequired: words.default === undefined && isOptional !== true,
    parse: (text) => {
      const value = parse(text)
      const because = problem?.(value)
      if (because !== undefined) throw unusable(JSON.stringify(text), because)
      return value as Maybe<T, O>
    },
  }
}

function parseSite(text: string): string {
  return normalSiteName(checked(text, 'a site', siteNameProblem))
}
