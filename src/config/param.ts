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

interface ValueWords<T, O extends boolean, D extends T | undefined = T | undefined> extends Words {
  /** What stands for the value in the help: `NAME`. */
  readonly placeholder?: string
  readonly default?: D
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

/** What its words come to; it must be given where it is not optional, and nothing is usual. */
type Made<T, O extends boolean, D> = Param<
  Maybe<T, O>,
  [D] extends [undefined] ? (O extends true ? false : true) : false
>

/**
 * The kinds of arguments that a task may have. Each gives the argument's type, its flag and its help.
 * An argument with neither a default nor `isOptional` must be given: as a flag, in the environment, or when a person is asked for it.
 */
export const param = {
  /** A site's name, from `--site`; the task's context then has the site itself. */
  site: (): Param<string, true> => ({ ...siteWords, kind: 'param', isRequired: true, parse: parseSite }),
  /** Any text. */
  text: <O extends boolean = false, D extends string | undefined = undefined>(words: ValueWords<string, O, D> = {}) =>
    made<string, O, D>(words, 'TEXT', (text) => text),
  /** A switch: true when it is given, false as `--no-…`. Asked for where it is required and missing. */
  flag: flagParam,
  /** How often a flag is given: `-vvv` is 3. */
  count: ({ summary = '', ...short }: Words = {}): Param<number, false> => ({
    ...{ kind: 'param', form: 'count', summary, ...short, default: 0, isRequired: false },
    parse: (text) => numeric(text, { min: 0, isWhole: true }),
  }),
  number: <O extends boolean = false, D extends number | undefined = undefined>({
    min,
    max,
    isWhole,
    ...words
  }: ValueWords<number, O, D> & Range = {}) =>
    made<number, O, D>(words as ValueWords<number, O, D>, 'NUMBER', (text) => numeric(text, { min, max, isWhole })),
  /** One of these words. */
  choice: <const C extends string, O extends boolean = false, D extends NoInfer<C> | undefined = undefined>(
    choices: readonly C[],
    words: ValueWords<NoInfer<C>, O, D> = {},
  ): Made<C, O, D> => ({ ...made<C, O, D>(words, choices.join('|'), (text) => chosen(text, choices)), choices }),
  list: listParam,
  /** A path of this machine, made absolute: a relative one is of the folder where the command is typed. */
  path: <O extends boolean = false, D extends string | undefined = undefined>({
    mustBe,
    ...words
  }: ValueWords<string, O, D> & { readonly mustBe?: 'file' | 'folder' } = {}): Made<string, O, D> => ({
    ...made<string, O, D>(words as ValueWords<string, O, D>, mustBe === 'folder' ? 'FOLDER' : 'FILE', (text) =>
      entire(text, mustBe),
    ),
    names: 'path' as const,
  }),
  /** A branch, tag or commit of the local repository. */
  gitRef: ({
    default: usual = 'HEAD',
    summary = 'branch, tag or commit',
    ...words
  }: Words & { readonly default?: string } = {}): Param<string, false> => ({
    ...made<string, false, string>({ ...words, summary, default: usual }, 'REF', (text) =>
      checked(text, 'a git revision', revisionProblem),
    ),
    names: 'revision',
  }),
  secret: secretParam,
} as const

const siteWords = { summary: 'the site, by its domain', placeholder: 'SITE', names: 'site' } as const

function flagParam<Q extends boolean = false>({
  summary = '',
  default: usual = false,
  isRequired,
  ...short
}: Words & {
  readonly default?: boolean
  /** Whether a person must say yes or no, since neither is usual. */
  readonly isRequired?: Q
} = {}): Param<boolean, Said<Q>> {
  const value = isRequired ? {} : { default: usual }
  return { kind: 'param', form: 'switch', summary, ...short, ...value, isRequired: needed(isRequired), parse: isYes }
}

/** Only of what is said here: nothing that a parameter is wanted for says whether it must be given. */
type Said<Q extends boolean> = Q extends true ? true : false

/** What is not said is false; the compiler cannot follow that the two are one type. */
function needed<Q extends boolean>(isRequired: Q | undefined): Said<Q> {
  return (isRequired ?? false) as Said<Q>
}

interface ListWords<T, Q extends boolean> extends Words {
  readonly placeholder?: string
  /** What it is where none is given; empty unless said. */
  readonly default?: readonly T[]
  /** Whether one at least must be given. */
  readonly isRequired?: Q
  /** Takes all words of the line that are no flags. */
  readonly isPositional?: boolean
  /** Whether a comma begins the next item, as it does unless said; never in words that stand without a flag. */
  readonly isSplit?: boolean
}

/** Several of a kind: the flag may be given for each, and one may hold several with commas between them. */
function listParam<T, Q extends boolean = false>(
  item: Param<T>,
  words: ListWords<T, Q> = {},
): Param<readonly T[], Said<Q>> {
  const { summary = item.summary, default: usual = [], isRequired, isSplit = true, ...rest } = words
  const { placeholder, choices, names } = item
  const ofItem = { ...(placeholder && { placeholder }), ...(choices && { choices }), ...(names && { names }) }
  return {
    ...{ kind: 'param', form: 'list', summary, ...ofItem, ...rest, isRequired: needed(isRequired) },
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
}: Words & { readonly isOptional?: O } = {}): Made<Secret, O, undefined> {
  const isRequired = (isOptional !== true) as Made<Secret, O, undefined>['isRequired'] // as the type says it
  return {
    ...{ kind: 'param', form: 'secret', summary, ...short, placeholder: 'FILE', isRequired },
    parse: (text, name) => {
      if (text === '') throw emptySecret(name)
      return secret(`param.${name.toLowerCase().replace(/[^a-z0-9.-]/g, '-')}`, text)
    },
  }
}

function emptySecret(name: string): TasksError {
  return new TasksError({ code: 'usage', message: `Cannot use what was given for "${name}", because it is empty.` })
}

function made<T, O extends boolean, D extends T | undefined>(
  { summary = '', placeholder, isOptional, problem, ...words }: ValueWords<T, O, D>,
  usualPlaceholder: string,
  parse: (text: string) => T,
): Made<T, O, D> {
  return {
    kind: 'param',
    summary,
    placeholder: placeholder ?? usualPlaceholder,
    ...(words as ValueWords<Maybe<T, O>, O, Maybe<T, O>>), // a value that may be absent is one that may be there
    isRequired: (words.default === undefined && isOptional !== true) as Made<T, O, D>['isRequired'], // as the type says it
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
