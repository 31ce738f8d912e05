import { Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import type { Param } from '../core/task.ts'
import { chainOf } from '../project/chain.ts'
import type { ListedTask } from '../project/task-list.ts'
import { type SharedFlags, withSharedFlags } from './flags.ts'
import { flagName, flagsOf, flagWords, type TaskFlag } from './task-flags.ts'
import type { Words } from './task-params.ts'

/** What was typed of a task: what the flags of every task say, and the words of its own. */
export interface Invocation {
  readonly task: ListedTask['task']
  readonly flags: SharedFlags
  readonly words: Words
}

interface CommandParts {
  readonly root: CommandUnknownOpts
  /** Whether it stands on the line: else it is made for the list alone, without the flags that take longer to make than all the rest. */
  readonly isTyped: boolean
  readonly invoke: (invocation: Invocation) => void
}

/** A task as commander knows it: its flags and its help. `invoke` hears of it when it was typed. */
export function taskCommand({ task, words }: ListedTask, { root, isTyped, invoke }: CommandParts): CommandUnknownOpts {
  const flags = flagsOf(task)
  const command = new Command(task.name).optionsGroup('Task:')
  const others = words.slice(1)
  command.summary(others.length === 0 ? task.summary : `${task.summary} (also: ${others.join(', ')})`)
  command.aliases(others).usage([...flags.flatMap(positionalWords), '[flags]'].join(' '))
  command.description(description(task))
  for (const flag of flags) if (isTyped || flag.isPositional) addTo(command, flag)
  if (!isTyped) return command.copyInheritedSettings(root)
  const flagged = withSharedFlags(command)
  flagged.copyInheritedSettings(root)
  if (flags.length > 0) flagged.addHelpText('after', environment(flags))
  flagged.action(() => invoke({ task, flags: flagged.opts(), words: wordsOf(flagged, flags) }))
  return flagged
}

function description(task: ListedTask['task']): string {
  const chain = chainOf(task).map(({ name }) => name)
  return chain.length === 1 ? `${task.summary}.` : `${task.summary}.\nIn this order: ${chain.join(', ')}.`
}

/** `TABLE`, `[TABLE]` or `[FILE...]`, as usage shows it. */
function positionalWords(flag: TaskFlag): readonly string[] {
  if (!flag.isPositional) return []
  const word = `${flagWords(flag)}${flag.param.form === 'list' ? '...' : ''}`
  return [flag.param.isRequired ? word : `[${word}]`]
}

function addTo(command: CommandUnknownOpts, flag: TaskFlag): void {
  const { param, long, short, isPositional } = flag
  const text = described(param)
  // Whether it must be given is told later, when the environment and the person were asked, too.
  if (isPositional) return void command.argument(`[${flagName(flag.name)}${param.form === 'list' ? '...' : ''}]`, text)
  const both = `${short === undefined ? '' : `-${short}, `}--${long}`
  if (param.form === 'switch') return void addSwitch(command, flag, both)
  if (param.form === 'count') return void command.addOption(new Option(both, text).preset('').argParser(oneMore))
  const value = (param.placeholder ?? 'TEXT').replace(/[<>[\]]|\.+$/g, '')
  const option = new Option(`${both} ${param.alone === undefined ? `<${value}>` : `[${value}]`}`, text)
  command.addOption(param.form === 'list' ? option.argParser(oneOther) : option)
}

/** What is usual need not be said, but can be: the environment may say otherwise. */
function addSwitch(command: CommandUnknownOpts, { param, long }: TaskFlag, both: string): void {
  const isUsual = param.default === true
  const off = new Option(isUsual ? both.replace(/--/, '--no-') : `--no-${long}`, isUsual ? param.summary : '')
  const on = new Option(isUsual ? `--${long}` : both, isUsual ? '' : param.summary)
  command.addOption(on.hideHelp(isUsual)).addOption(off.hideHelp(!isUsual && !param.isRequired))
}

function oneMore(_: string, before: number | undefined): number {
  return (before ?? 0) + 1
}

function oneOther(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text]
}

function described(param: Param<unknown>): string {
  const { summary, form, choices, placeholder, alone, isPositional } = param
  if (form === 'secret') return `${summary === '' ? 'a secret' : summary}, in a file; - is standard input`
  const isShown = choices === undefined || placeholder?.includes(choices.join('|'))
  const notes = [
    ...(isShown ? [] : [`one of: ${choices?.join(', ')}`]),
    ...(form === 'list' && isPositional !== true ? ['may be repeated'] : []),
    ...(form === 'count' ? ['the more often, the more'] : []),
    ...(alone === undefined ? [] : [`alone: ${String(alone)}`]),
    ...usually(param),
  ]
  return [summary, ...(notes.length === 0 ? [] : [`(${notes.join('; ')})`])].filter((part) => part !== '').join(' ')
}

function usually({ form, default: value }: Param<unknown>): readonly string[] {
  if (form === 'switch' || form === 'count') return []
  const text = Array.isArray(value) ? value.join(',') : String(value ?? '')
  return text === '' ? [] : [`default: ${text}`]
}

function environment(flags: readonly TaskFlag[]): string {
  return `\nEnvironment, where a flag is not given:\n${flags.map(({ variable }) => `  ${variable}\n`).join('')}`
}

function wordsOf(command: CommandUnknownOpts, flags: readonly TaskFlag[]): Words {
  const positional = flags.filter(({ isPositional }) => isPositional)
  return Object.fromEntries(
    flags.map((flag) => [
      flag.name,
      (flag.isPositional ? command.processedArgs[positional.indexOf(flag)] : typed(command, flag)) as Words[string],
    ]),
  )
}

function typed(command: CommandUnknownOpts, { long }: TaskFlag): unknown {
  const option = command.options.find((one) => one.long === `--${long}`)
  const key = option?.attributeName() ?? ''
  return command.getOptionValueSource(key) === 'cli' ? command.getOptionValue(key) : undefined
}
