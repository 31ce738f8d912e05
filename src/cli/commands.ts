import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { attachCommand } from './attach-command.ts'
import type { CommandContext } from './command-context.ts'
import type { Ending } from './ending.ts'
import { helpCommand } from './help-command.ts'
import { listCommand } from './list-command.ts'
import { sandboxCommand } from './sandbox-command.ts'

interface CommandOf {
  readonly name: string
  /** Adds it to the command line; `finish` takes what it came to. */
  readonly add: (root: CommandUnknownOpts, finish: (ending: Ending) => void, context: CommandContext) => void
  /** Whether it tells of tasks: only then are the project's loaded. */
  readonly isAboutTasks?: true
}

/** The commands that are no tasks, in the order in which they are listed. */
export const commands: readonly CommandOf[] = [
  { name: 'list', add: listCommand, isAboutTasks: true },
  { name: 'attach', add: attachCommand },
  { name: 'sandbox', add: sandboxCommand },
  { name: 'help', add: helpCommand, isAboutTasks: true },
]
