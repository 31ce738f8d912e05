import { type Argument, Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { didYouMean } from '../config/suggestion.ts'
import { TasksError } from '../core/errors.ts'
import type { AnyTask, Param } from '../core/task.ts'
import { attachCommand } from './attach-command.ts'
import { docsCommand } from './docs-command.ts'
import { doctorCommand } from './doctor-command.ts'
import type { Ending } from './ending.ts'
import { type SharedFlags, withSharedFlags } from './flags.ts'
import { initCommand } from './init-command.ts'
import { reportCommand } from './report-command.ts'
import { sandboxCommand } from './sandbox-command.ts'
import { chainOf, flagName, paramsOf } from './task-params.ts'
import { usageError } from './usage-error.ts'

/** What somebody typed: a task, what the flags of every task say, and the words of its own. */
export interface Invocation {
  readonly task: AnyTask
  readonly flags: SharedFlags
  readonly words: Readonly<Record<string, unknown>>
}

export interface ProgramOptions {
  readonly tasks: readonly AnyTask[]
  readonly version: string
  /** Prints what was asked for. */
  readonly print: (text: string) => void
  readonly runTask: (invocation: Invocation) => Promise<Ending>
  /** Takes what the command that was typed came to. */
  readonly finish: (ending: Ending) => void
}

/** The command line: one command for each task, and those that are about no host. Throws `usage` errors instead of exiting. */
export function program(options: ProgramOptions): CommandUnknownOpts {
  const { tasks, version, print } = options
  const root = new Command('tasks')
    .description('Takes a bare Debian or Ubuntu server and makes it serve your web application.')
    .usage('TASK [flags]')
    .version(version, '--version', 'show the version')
    .helpOption('-h, --help', 'show this')
    .helpCommand(false)
    .enablePositionalOptions()
    .configureOutput({ writeOut: print, writeErr: () => undefined })
    .configureHelp({
      subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(argumentWords)].join(' '),
    })
    .showSuggestionAfterError(false)
    .exitOverride()
  root.commandsGroup('Tasks:')
  for (const task of tasks) addTask(root, named(task), options)
  root.commandsGroup('Commands:')
  initCommand(root, options.finish)
  doctorCommand(root, options.finish)
  docsCommand(root, options.finish)
  attachCommand(root, options.finish)
  reportCommand(root, options.finish)
  sandboxCommand(root, options.finish)
  addHelp(root, print)
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

/** What is no task, and has no need of the project's own. */
export const commandNames: readonly string[] = ['init', 'doctor', 'docs', 'attach', 'report', 'sandbox', 'help']

function named(task: AnyTask): AnyTask {
  if (!commandNames.includes(task.name)) return task
  throw new TasksError({
    code: 'config',
    message: `Cannot use the task "${task.name}", because the program has a command of that name.`,
    hint: 'give the task another name',
  })
}

function addTask(root: CommandUnknownOpts, task: AnyTask, { runTask, finish }: ProgramOptions): void {
  const command = new Command(task.name)
    .summary(task.summary)
    .description(description(task))
    .usage('[flags]')
    .optionsGroup('Task:')
  for (const [name, param] of Object.entries(paramsOf(task)))
    if (name !== 'site') command.addOption(paramOption(name, param))
  const flagged = withSharedFlags(command)
  flagged.copyInheritedSettings(root)
  flagged.action(async (flags) => finish(await runTask({ task, flags, words: flags })))
  root.addCommand(flagged)
}

function description(task: AnyTask): string {
  const chain = chainOf(task).map(({ name }) => name)
  return chain.length === 1 ? `${task.summary}.` : `${task.summary}.\nIn this order: ${chain.join(', ')}.`
}

function paramOption(name: string, param: Param<unknown>): Option {
  const flag = `--${flagName(name)}`
  if (param.placeholder === undefined)
    return new Option(param.default === true ? `--no-${flagName(name)}` : flag, param.summary)
  const usual = param.default === undefined ? '' : ` (default: ${String(param.default)})`
  return new Option(`${flag} <${param.placeholder}>`, `${param.summary}${usual}`.trim())
}

function addHelp(root: CommandUnknownOpts, print: (text: string) => void): void {
  root
    .command('help')
    .summary('show the flags of a task')
    .argument('[task]')
    .action((name) => {
      if (name === undefined) return print(root.helpInformation())
      const command = root.commands.find((one) => one.name() === name)
      if (command === undefined) throw unknownTask(String(name), root)
      print(command.helpInformation())
    })
}

function argumentWords(argument: Argument): string {
  return argument.required ? argument.name().toUpperCase() : `[${argument.name().toUpperCase()}]`
}

function commandsOf(command: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return [command, ...command.commands.flatMap(commandsOf)]
}

function unknownTask(name: string, root: CommandUnknownOpts): TasksError {
  const known = root.commands.map((command) => command.name())
  return new TasksError({
    code: 'usage',
    message: `Cannot run "${name}", because there is no such task.`,
    hint: didYouMean(name, known, 'run: tasks'),
  })
}
