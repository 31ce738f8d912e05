import { type Argument, Command, type CommandUnknownOpts, type Option } from '@commander-js/extra-typings'
import { TasksError } from '../core/errors.ts'
import { headingOf, type ListedTask } from '../project/task-list.ts'
import type { CommandContext } from './command-context.ts'
import { commands } from './commands.ts'
import type { Ending } from './ending.ts'
import { dividedLine } from './line.ts'
import { type Invocation, taskCommand } from './task-command.ts'
import { commandNamed, unknownTask } from './unknown-task.ts'
import { usageError } from './usage-error.ts'

export interface ProgramOptions extends CommandContext {
  /** Whether a task may be among what was typed. */
  readonly isTyped: (task: ListedTask) => boolean
  readonly version: string
  /** Takes each task that was typed, in order. */
  readonly invoke: (invocation: Invocation) => void
  /** Takes what the command that was typed came to. */
  readonly finish: (ending: Ending) => void
}

/** Understands a command line: tells of the tasks that were typed, or does the command. Throws `usage` errors instead of exiting. */
export async function interpret(words: readonly string[], options: Omit<ProgramOptions, 'isTyped'>): Promise<void> {
  const root = program({ ...options, isTyped: (listed) => listed.words.some((word) => words.includes(word)) })
  const isTask = (command: CommandUnknownOpts) => options.tasks.some(({ task }) => task.name === command.name())
  const taskNamed = (word: string) => [commandNamed(root, word)].find((found) => found && isTask(found))
  const lines = words.length === 0 ? [['--help']] : dividedLine(words, taskNamed)
  for (const line of lines) await root.parseAsync(line, { from: 'user' })
}

/** One command for each task, and those that are no tasks. Throws `config` errors where tasks cannot be typed. */
export function program({ tasks, version, isTyped, print, invoke, finish }: ProgramOptions): CommandUnknownOpts {
  const root = new Command('tasks')
    .description('Takes a bare Debian or Ubuntu server and makes it serve your web application.')
    .usage('TASK [flags] [TASK [flags] ...]')
    .version(version, '--version', 'show the version')
    .helpOption('-h, --help', 'show this')
    .helpCommand(false)
    .enablePositionalOptions()
    .configureOutput({ writeOut: print, writeErr: () => undefined })
    .configureHelp({ subcommandTerm, argumentTerm, optionTerm })
    .showSuggestionAfterError(false)
    .exitOverride()
  for (const listed of tasks) {
    const parts = { root, isTyped: isTyped(listed), invoke }
    const command = taskCommand(named(listed), parts).helpGroup(headingOf(listed))
    root.addCommand(command, { hidden: listed.task.isHidden === true })
  }
  root.commandsGroup('Commands:')
  for (const { add } of commands) add(root, finish, { tasks, print })
  root.addHelpText('after', '\nRun "tasks help TASK" for the flags of a task.')
  for (const command of commandsOf(root)) {
    command.exitOverride((error) => {
      if (error.exitCode === 0) throw error
      throw error.code === 'commander.unknownCommand' && command === root
        ? unknownTask(command.args[0] ?? '', root)
        : usageError(error, command)
    })
  }
  return root
}

function named(listed: ListedTask): ListedTask {
  const taken = listed.words.find((word) => commands.some(({ name }) => name === word))
  if (taken === undefined) return listed
  throw new TasksError({
    code: 'config',
    message: `Cannot use the task "${taken}", because the program has a command of that name.`,
    hint: 'give the task another name',
  })
}

function subcommandTerm(command: CommandUnknownOpts): string {
  return [command.name(), ...command.registeredArguments.map(argumentWords)].join(' ')
}

function argumentTerm(argument: Argument): string {
  return argument.name().toUpperCase()
}

/** Long names stand below each other, whether or not they have a short one. */
function optionTerm({ flags, short }: Option): string {
  return short === undefined ? `    ${flags}` : flags
}

function argumentWords(argument: Argument): string {
  const word = `${argument.name().toUpperCase()}${argument.variadic ? '...' : ''}`
  return argument.required ? word : `[${word}]`
}

function commandsOf(command: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return [command, ...command.commands.flatMap(commandsOf)]
}
