import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import type { Ending } from './ending.ts'

/** `tasks sandbox …`: real Debian hosts on this machine, for trying out. What they do is loaded when it is asked for. */
export function sandboxCommand(root: CommandUnknownOpts, finish: (ending: Ending) => void): void {
  const sandbox = root.command('sandbox').summary('run real Debian hosts on this machine')
  sandbox.helpCommand(false).enablePositionalOptions()
  sandbox.description(
    'Runs real Debian hosts on this machine, to try things out on. Their names can be used with --host.',
  )
  sandbox.action(() => finish({ exitCode: 0, out: sandbox.helpInformation() }))
  sandbox
    .command('up')
    .summary('boot a host')
    .argument('<name>')
    .addOption(
      new Option('--debian <release>', 'the Debian release').choices(['12', '13'] as const).default('13' as const),
    )
    .option('--yes', 'install what is missing on this machine without asking')
    .action(async (name, flags) => finish(await (await actions()).up(name, flags)))
  sandbox
    .command('list')
    .summary('show the hosts')
    .action(async () => finish(await (await actions()).list()))
  sandbox
    .command('ssh')
    .summary('log in to a host, or run a command on it')
    .argument('<name>')
    .argument('[command...]')
    .passThroughOptions()
    .action(async (name, command) => finish(await (await actions()).ssh(name, command)))
  sandbox
    .command('down')
    .summary('throw a host away')
    .argument('[name]')
    .option('--all', 'all of them')
    .action(async (name, { all }) => finish(await (await actions()).down(name, all === true)))
}

async function actions() {
  return await import('./sandbox-actions.ts')
}
