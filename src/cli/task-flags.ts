import { TasksError } from '../core/errors.ts'
import type { AnyTask, Param } from '../core/task.ts'
import { chainOf, paramsOf } from '../project/chain.ts'
import { sharedFlagNames } from './flags.ts'

/** A parameter as it is typed: what is written for it, and the variable that may say it instead. */
export interface TaskFlag {
  /** As the task calls it. */
  readonly name: string
  readonly param: Param<unknown>
  /** Without the hyphens: `keep-releases`. */
  readonly long: string
  readonly short: string | undefined
  /** `TASKS_DB_PULL_TABLE` */
  readonly variable: string
  readonly isPositional: boolean
}

/**
 * The parameters of a task and of its chain, as they are typed; `site` alone is a flag of every task. Throws `config` errors where two would be written
 * alike, or one as no flag can be.
 */
export function flagsOf(task: AnyTask): readonly TaskFlag[] {
  const chain = [task, ...chainOf(task)]
  const flags = Object.entries(paramsOf(task))
    .filter(([name]) => name !== 'site')
    .map(([name, param]) => {
      const owner = chain.find((one) => Object.hasOwn(one.params, name)) ?? task
      const isPositional = param.isPositional === true && owner === task
      return {
        name,
        param,
        long: longOf(name, param),
        short: undefined,
        variable: variableOf(owner, name),
        isPositional,
      }
    })
  const typed = flags.filter(({ isPositional }) => !isPositional)
  refuseUnfit(task, typed)
  refuseDisorder(task, flags)
  const letters = shortLetters(task, typed)
  return flags.map((flag) => ({ ...flag, short: letters.get(flag.name) }))
}

/** `keepReleases` is typed as `--keep-releases`; of a secret, the file that it is in: `--password-file`. */
function longOf(name: string, { form }: Param<unknown>): string {
  return form === 'secret' ? `${flagName(name)}-file` : flagName(name)
}

/** `keepReleases`, `keep_releases` and `KEEPReleases` are all `keep-releases`. */
export function flagName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
}

/** What the flag is called in messages and questions. */
export function flagWords({ long, isPositional, name }: Pick<TaskFlag, 'long' | 'isPositional' | 'name'>): string {
  return isPositional ? flagName(name).toUpperCase() : `--${long}`
}

function variableOf({ name: task }: AnyTask, name: string): string {
  return ['tasks', task, flagName(name)]
    .join('_')
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .toUpperCase()
}

function refuseUnfit(task: AnyTask, flags: readonly TaskFlag[]): void {
  const seen = new Map<string, string>()
  for (const { name, param, long } of flags) {
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(long)) throw unfit(task, name, 'cannot be written as a flag')
    if (long.startsWith('no-')) throw unfit(task, name, 'begins with "no", as what takes a switch away does')
    for (const each of param.form === 'switch' ? [long, `no-${long}`] : [long]) {
      if ((sharedFlagNames as readonly string[]).includes(each))
        throw unfit(task, name, 'has the name of a flag that every task has')
      const other = seen.get(each)
      if (other !== undefined) throw unfit(task, name, `is written as "${other}" is: --${each}`)
      seen.set(each, name)
    }
  }
}

/** Words without flags are told apart by their order alone. */
function refuseDisorder(task: AnyTask, flags: readonly TaskFlag[]): void {
  const positional = flags.filter(({ isPositional }) => isPositional)
  for (const [index, { name, param }] of positional.entries()) {
    const before = positional[index - 1]
    if (before?.param.form === 'list') throw unfit(task, name, `follows "${before.name}", which takes all words`)
    if (before?.param.isRequired === false && param.isRequired)
      throw unfit(task, name, `must be given, and follows "${before.name}", which need not be`)
  }
}

function unfit(task: AnyTask, name: string, because: string): TasksError {
  return new TasksError({
    code: 'config',
    message: `Cannot use task "${task.name}", because its parameter "${name}" ${because}.`,
    hint: because.includes('follows') ? 'write it before that one' : 'give the parameter another name',
  })
}

/**
 * The letters that stand for flags: those that a task says, and the first letter of a name where no other name begins with it. A flag that every task
 * has counts, too: whoever types -d for --dry-run must not get --days.
 */
function shortLetters(task: AnyTask, flags: readonly TaskFlag[]): ReadonlyMap<string, string> {
  const wanted = flags.flatMap(({ name, param, long }) => (param.short ? [{ name, long, letter: param.short }] : []))
  for (const { name, letter } of wanted)
    refuseLetter(task, { name, letter, isOwn: Object.hasOwn(task.params, name) }, wanted)
  const said = wanted.filter(({ name, letter }) => isClear(task, name, letter, wanted))
  const taken = said.map(({ letter }) => letter)
  const initials = [...sharedFlagNames, 'site', ...flags.map(({ long }) => long)].map((long) => long.charAt(0))
  const automatic = flags.filter(({ name, long }) => {
    const letter = long.charAt(0)
    const isAlone = initials.filter((other) => other === letter).length === 1
    return isAlone && !taken.includes(letter) && said.every((one) => one.name !== name)
  })
  return new Map([
    ...said.map(({ name, letter }) => [name, letter] as const),
    ...automatic.map(({ name, long }) => [name, long.charAt(0)] as const),
  ])
}

interface Letter {
  readonly name: string
  readonly letter: string
}

function refuseLetter(
  task: AnyTask,
  { name, letter, isOwn }: Letter & { readonly isOwn: boolean },
  wanted: readonly Letter[],
): void {
  if (!/^[A-Za-z]$/.test(letter))
    throw unfit(task, name, `has the short flag ${JSON.stringify(letter)}, which is no single letter`)
  if (letter === 'h') throw unfit(task, name, 'has the short flag -h, which shows the help')
  const twin = wanted.find((one) => one.letter === letter && one.name !== name && Object.hasOwn(task.params, one.name))
  if (isOwn && twin !== undefined) throw unfit(task, name, `has the short flag -${letter}, as "${twin.name}" has`)
}

/** Of tasks that come together, the one that was asked for has its letters; others have them where they are alone. */
function isClear(task: AnyTask, name: string, letter: string, wanted: readonly Letter[]): boolean {
  return Object.hasOwn(task.params, name) || wanted.filter((one) => one.letter === letter).length === 1
}
