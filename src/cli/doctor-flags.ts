import { type Command, Option } from '@commander-js/extra-typings'
import { repeated } from './flags.ts'

/** The flags of `tasks doctor`, and their words in its help. */
export function withDoctorFlags(command: Command) {
  return command
    .optionsGroup('Which:')
    .option('--host <host>', 'a host of the config, a sandbox host, or user@address:port (may be repeated)', repeated)
    .option('--site <site>', 'this site and its host alone')
    .option('--config <file>', 'the config, instead of the nearest tasks.config.ts')
    .optionsGroup('How:')
    .addOption(
      new Option('--timeout <seconds>', 'within which a host must let us in (default: what ssh says, or 15)').argParser(
        Number,
      ),
    )
    .option('--json', 'one finding a line, for programs')
    .helpOption('-h, --help', 'show this')
}

/** What was typed. */
export type DoctorFlags = ReturnType<ReturnType<typeof withDoctorFlags>['opts']>
