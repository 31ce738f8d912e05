import type { CommanderError, CommandUnknownOpts } from '@commander-js/extra-typings'
import { didYouMean } from '../config/suggestion.ts'
import { TasksError } from '../core/errors.ts'

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
      return { because: `it has no flag "${first}"`, hint: didYouMean(first, longFlags(command), help) }
    case 'commander.optionMissingArgument':
      return { because: `${first.replace(/ .*/, '')} lacks its value`, hint: `write: ${first}` }
    case 'commander.conflictingOption':
      return {
        because: `${first.replace(/ .*/, '')} and ${second.replace(/ .*/, '')} exclude each other`,
        hint: 'leave one out',
      }
    case 'commander.excessArguments':
      return excess(command.args[command.registeredArguments.length] ?? '', command)
    case 'commander.invalidArgument':
      return { because: `${first.replace(/ .*/, '')} cannot be "${second}"`, hint: help }
    case 'commander.missingArgument':
      return { because: `${first.toUpperCase()} is missing`, hint: help }
    default:
      return { because: error.message.replace(/^error: /, '').replace(/\.$/, ''), hint: help }
  }
}

function excess(word: string, command: CommandUnknownOpts) {
  const known = command.commands.map((one) => one.name())
  if (known.length === 0) return { because: `it takes no argument "${word}"`, hint: `run: ${fullName(command)} --help` }
  return { because: `it has no command "${word}"`, hint: didYouMean(word, known, `use one of: ${known.join(', ')}`) }
}

function longFlags(command: CommandUnknownOpts): readonly string[] {
  return command.options.flatMap(({ long }) => (long === undefined ? [] : [long]))
}

function fullName(command: CommandUnknownOpts): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`
}
