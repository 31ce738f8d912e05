import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { withDoctorFlags } from './doctor-flags.ts'
import type { Ending } from './ending.ts'

/** `tasks doctor`: whether this machine, the config, the hosts and the names of the sites are as they have to be. */
export function doctorCommand(root: CommandUnknownOpts, finish: (ending: Ending) => void): void {
  const command = root
    .command('doctor')
    .summary('tell what is not as it has to be, here and on the hosts')
    .description(
      [
        'Looks at this machine, the config, each host and each site: a line for each thing, and what to do where it is not well.',
        'Changes nothing. Exits with 1 where something is wrong; warnings are not.',
      ].join('\n'),
    )
    .usage('[flags]')
  withDoctorFlags(command).action(async (flags) => finish(await (await action()).doctor(flags)))
}

async function action() {
  return await import('./doctor-action.ts')
}
