import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { Ending } from './ending.ts'
import { withInitFlags } from './init-flags.ts'

/** `tasks init`: a config and a first task for the project in this folder. */
export function initCommand(root: CommandUnknownOpts, finish: (ending: Ending) => void): void {
  const command = root
    .command('init')
    .summary('write a config for the project in this folder, and an example task')
    .description(
      [
        'Looks at what is in this folder, asks for the rest, and writes tasks.config.ts and tasks/hello.ts.',
        'No file is replaced unless you say so. Where nobody can be asked, flags are the answers.',
      ].join('\n'),
    )
    .usage('[flags]')
  withInitFlags(command).action(async (flags) => finish(await (await action()).init(flags, process.cwd())))
}

async function action() {
  return await import('./init-action.ts')
}
