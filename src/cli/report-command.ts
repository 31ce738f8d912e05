import { type Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import type { Ending } from './ending.ts'

/** `tasks report`: one run as a page, from the journal that its host keeps or from the events that `--json` printed. */
export function reportCommand(root: CommandUnknownOpts, finish: (ending: Ending) => void): void {
  const command = root
    .command('report')
    .summary('write a run down, as one page for a browser')
    .description(
      [
        'Writes one run down: when each step was at work, what came of it, what it said, and what went wrong.',
        'The run is the last one on a host or of a site, or RUN, as "tasks runs" names it. One that goes on is waited for.',
        'Without --html, lines on standard output.',
      ].join('\n'),
    )
    .argument('[run]')
    .usage('[RUN] [flags]')
  withReportFlags(command).action(async (run, flags) => finish(await (await action()).reportOn(run, flags)))
}

function withReportFlags<Words extends unknown[]>(command: Command<Words>) {
  return command
    .optionsGroup('Which:')
    .option('--host <host>', 'a host of the config, a sandbox host, or user@address:port')
    .option('--site <site>', 'the last run of this site')
    .addOption(
      new Option(
        '--from <file>',
        'lines that tasks printed with --json, instead of a host; - for standard input',
      ).conflicts(['host', 'site', 'config']),
    )
    .option('--config <file>', 'the config, instead of the nearest tasks.config.ts')
    .optionsGroup('Output:')
    .option('--html <file>', 'one self-contained page into this file; - for standard output')
    .helpOption('-h, --help', 'show this')
}

async function action() {
  return await import('./report-action.ts')
}
