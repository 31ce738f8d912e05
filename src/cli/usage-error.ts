import { Command, type CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { didYouMean } from '../config/suggestion.ts'
import { TasksError } from '../core/errors.ts'
import { withSharedFlags } from './flags.ts'
import { wordsIn } from './unknown-task.ts'

/** What commander has to say of a command line, in our words. */
export function usageError(error: CommanderError, command: CommandUnknownOpts): TasksError {
  const name = fullName(command).replace(/^tasks (?=.)/, '')
  const [first = '', second = ''] = [...error.message.matchAll(/'([^']*)'/g)].map((match) => match[1] ?? '')
  const { because, hint } = reason(error, { first, second, command })
  return new TasksError({ code: 'usage', message: `Cannot run "${name}", because ${because}.`, hint })
}

interface Said {
  readonly first: string
  readonly second: string
  readonly command: CommandUnknownOpts
}

function reason(
  error: CommanderError,
  { first, second, command }: Said,
): { readonly because: string; readonly hint?: string | undefined } {
  const help = `run: ${fullName(command)} --help`
  switch (error.code) {
    case 'commander.unknownOption':
      return unknownFlag(first, command, help)
    case 'commander.optionMissingArgument':
      return { because: `${longIn(first)} lacks its value`, hint: `write: ${first.replace(/^-\w, /, '')}` }
    case 'commander.conflictingOption':
      return {
        because: `${longIn(first)} and ${longIn(second)} exclude each other`,
        hint: 'leave one out',
      }
    case 'commander.excessArguments':
      return excess(command.args[command.registeredArguments.length] ?? '', command)
    case 'commander.invalidArgument':
      return { because: cannotBe(error, first, second), hint: help }
    case 'commander.missingArgument':
      return { because: `${first.toUpperCase()} is missing`, hint: help }
    default:
      return { because: error.message.replace(/^error: /, '').replace(/\.$/, ''), hint: help }
  }
}

/** Of a flag the value is named last, of a word without one first. */
function cannotBe({ message }: CommanderError, first: string, second: string): string {
  const isWord = message.startsWith('error: command-argument')
  return isWord ? `${second.toUpperCase()} cannot be "${first}"` : `${longIn(first)} cannot be "${second}"`
}

/** Of a flag with all that is written for it, its long name: of `-r, --ref <REF>`. */
function longIn(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags
}

/** Before a task, the flags of all tasks stand, too. */
function unknownFlag(flag: string, command: CommandUnknownOpts, help: string) {
  const shared = command.parent === null ? longFlags(withSharedFlags(new Command())) : []
  if (shared.includes(flag)) return { because: `${flag} is of a task, and none is named`, hint: 'run: tasks' }
  return { because: `it has no flag "${flag}"`, hint: didYouMean(flag, [...longFlags(command), ...shared], help) }
}

/** A word too many may be a slip in the name of the next task. */
function excess(word: string, command: CommandUnknownOpts) {
  const known = command.commands.map((one) => one.name())
  if (known.length > 0)
    return { because: `it has no command "${word}"`, hint: didYouMean(word, known, `use one of: ${known.join(', ')}`) }
  const next = command.parent === null ? [] : wordsIn(command.parent)
  return {
    because: `it takes no argument "${word}"`,
    hint: didYouMean(word, next, `run: ${fullName(command)} --help`),
  }
}

function longFlags(command: CommandUnknownOpts): readonly string[] {
  return command.options.flatMap(({ long }) => (long === undefined ? [] : [long]))
}

function fullName(command: CommandUnknownOpts): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`
}
