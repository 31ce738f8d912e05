import { type Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import type { Ending } from './ending.ts'

/** `tasks attach`: somebody's run on a host, followed to its end or told again. */
export function attachCommand(root: CommandUnknownOpts, finish: (ending: Ending) => void): void {
  const command = root
    .command('attach')
    .summary('follow the last run on a host, or tell it again')
    .description(
      [
        'Follows the last run on a host as if it had been started here, whoever started it; a run that has ended is told again.',
        'Ends as the run ends. Ctrl-C leaves the run alone, and it goes on.',
      ].join('\n'),
    )
    .usage('[flags]')
  withAttachFlags(command).action(async (flags) => finish(await (await action()).attachTo(flags)))
}

function withAttachFlags(command: Command) {
  return command
    .optionsGroup('Which:')
    .option('--host <host>', 'a host of the config, a sandbox host, or user@address:port')
    .option('--site <site>', 'the last run of this site')
    .option('--run <run>', 'this run, as "tasks runs" names it')
    .option('--config <file>', 'the config, instead of the nearest tasks.config.ts')
    .optionsGroup('Output:')
    .option('--plain', 'lines instead of a live tree')
    .addOption(new Option('--json', 'one event a line, on standard output').conflicts(['plain', 'quiet']))
    .addOption(new Option('--verbose', 'show what each step says').conflicts('quiet'))
    .option('--quiet', 'show failures alone')
    .helpOption('-h, --help', 'show this')
}

async function action() {
  return await import('./attach-action.ts')
}
