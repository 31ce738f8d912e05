import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import type { CommandContext } from './command-context.ts'
import type { Ending } from './ending.ts'
import { asDot, asMermaid, asTrees } from './graph.ts'
import { unknownTask } from './unknown-task.ts'

/** `tasks graph`: what tasks need and are followed by, as a tree, or as text that others draw. */
export function graphCommand(
  root: CommandUnknownOpts,
  finish: (ending: Ending) => void,
  { tasks }: CommandContext,
): void {
  root
    .command('graph')
    .summary('show what tasks need, and what follows them')
    .argument('[task]')
    .addOption(new Option('--mermaid', 'as a flowchart of Mermaid').conflicts('dot'))
    .option('--dot', 'as a graph of Graphviz')
    .option('--config <file>', 'the config, instead of the nearest tasks.config.ts')
    .helpOption('-h, --help', 'show this')
    .action((name, { mermaid, dot }) => {
      const wanted = name === undefined ? tasks : tasks.filter(({ words }) => words.includes(name))
      if (name !== undefined && wanted.length === 0) throw unknownTask(name, root)
      const shown = wanted.filter(({ task }) => name !== undefined || task.isHidden !== true).map(({ task }) => task)
      const isPlain = !/utf-?8/i.test(process.env.LC_ALL || process.env.LC_CTYPE || process.env.LANG || '')
      finish({ exitCode: 0, out: mermaid ? asMermaid(shown) : dot ? asDot(shown) : asTrees(shown, { isPlain }) })
    })
}
