import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { Ending } from './ending.ts'
import { commandNamed, unknownTask } from './unknown-task.ts'

/** `tasks help`: the same as `--help`, for those who begin with the word. */
export function helpCommand(root: CommandUnknownOpts, _: (ending: Ending) => void): void {
  root
    .command('help')
    .summary('show the flags of a task')
    .argument('[task]')
    .action((name) => {
      const command = name === undefined ? root : commandNamed(root, name)
      if (command === undefined) throw unknownTask(String(name), root)
      command.outputHelp()
    })
}
