import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import type { CommandContext } from './command-context.ts'
import { type Ending, shown } from './ending.ts'
import { repeated } from './flags.ts'
import { unknownTask } from './unknown-task.ts'

/** `tasks graph`: what tasks need and are followed by, as a tree, or as text that others draw; for hosts, what each of them gets. */
export function graphCommand(
  root: CommandUnknownOpts,
  finish: (ending: Ending) => void,
  { tasks }: CommandContext,
): void {
  root
    .command('graph')
    .summary('show what tasks need, what follows them, and what hosts get')
    .description(
      [
        'Shows what tasks need, and what follows them. With --host, --site or --stage: what each host gets of a task, down to its steps,',
        'with the arguments that are usual. No host is connected to.',
      ].join('\n'),
    )
    .argument('[task]')
    .usage('[TASK] [flags]')
    .optionsGroup('Where:')
    .addOption(
      new Option('--host <host>', 'for this host, @group or user@address:port (may be repeated)').argParser(repeated),
    )
    .option('--site <site>', 'for a site, by its domain')
    .option('--stage <stage>', 'for a stage of the config')
    .option('--config <file>', 'the config, instead of the nearest tasks.config.ts')
    .optionsGroup('Output:')
    .addOption(new Option('--mermaid', 'as a flowchart of Mermaid').conflicts('dot'))
    .option('--dot', 'as a graph of Graphviz')
    .helpOption('-h, --help', 'show this')
    .action(async (name, flags) => {
      const wanted = name === undefined ? tasks : tasks.filter(({ words }) => words.includes(name))
      if (name !== undefined && wanted.length === 0) throw unknownTask(name, root)
      const isPlain = !/utf-?8/i.test(process.env.LC_ALL || process.env.LC_CTYPE || process.env.LANG || '')
      const chosen = wanted.filter(({ task }) => name !== undefined || task.isHidden !== true).map(({ task }) => task)
      finish(shown(await (await action()).graph(chosen, { ...flags, isNamed: name !== undefined, isPlain })))
    })
}

async function action() {
  return await import('./graph-action.ts')
}
