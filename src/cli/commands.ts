import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { attachCommand } from './attach-command.ts'
import type { CommandContext } from './command-context.ts'
import { completionCommand } from './completion-command.ts'
import { docsCommand } from './docs-command.ts'
import { doctorCommand } from './doctor-command.ts'
import type { Ending } from './ending.ts'
import { graphCommand } from './graph-command.ts'
import { helpCommand } from './help-command.ts'
import { initCommand } from './init-command.ts'
import { listCommand } from './list-command.ts'
import { reportCommand } from './report-command.ts'
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
  { name: 'graph', add: graphCommand, isAboutTasks: true },
  { name: 'init', add: initCommand },
  { name: 'doctor', add: doctorCommand },
  { name: 'docs', add: docsCommand },
  { name: 'attach', add: attachCommand },
  { name: 'report', add: reportCommand },
  { name: 'sandbox', add: sandboxCommand },
  { name: 'completion', add: completionCommand },
  { name: 'help', add: helpCommand, isAboutTasks: true },
]
