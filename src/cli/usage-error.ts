import type { CommanderError, CommandUnknownOpts } from '@commander-js/extra-typings'
import { didYouMean } from '../config/suggestion.ts'
import { TasksError } from '../core/errors.ts'

/** What commander has to say of a command line, in our words. */
export function usageError(error: CommanderError, command: CommandUnknownOpts): TasksError {
  const name = command.parent === null ? 'tasks' : command.name()
  const [first = '', second = ''] = [...error.message.matchAll(/'([^']*)'/g)].map((match) => match[1] ?? '')
  const { because, hint } = reason(error, { first, second, command })
  return new TasksError({ code: 'usage', message: `Cannot run "${name}", because ${because}.`, hint })
}

interface Said {
  readonly first: string
  readonly second: string
  readonly command: CommandUnknownOpts
}

function reason(error: CommanderError, { first, second, command }: Said): { readonly because: string; readonly hint?: string | undefined } {
  const help = `run: ${fullName(command)} --help`
  switch (error.code) {
    case 'commander.unknownOption':
      return { because: `it has no flag "${first}"`, hint: didYouMean(first, longFlags(command), help) }
    case 'commander.optionMissingArgument':
      return { because: `${first.replace(/ .*/, '')} lacks its value`, hint: `write: ${first}` }
    case 'commander.conflictingOption':
      return { because: `${first.replace(/ .*/, '')} and ${second.replace(/ .*/, '')} exclude each other`, hint: 'leave one out' }
    case 'commander.excessArguments':
      return { because: `it takes no argument "${command.args.at(command.registeredArguments.length) ?? ''}"`, hint: help }
    case 'commander.missingArgument':
      return { because: `${first.toUpperCase()} is missing`, hint: help }
    default:
      return { because: error.message.replace(/^error: /, '').replace(/\.$/, ''), hint: help }
  }
}

function longFlags(command: CommandUnknownOpts): readonly string[] {
  return command.options.flatMap(({ long }) => (long === undefined ? [] : [long]))
}

function fullName(command: CommandUnknownOpts): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`
}
