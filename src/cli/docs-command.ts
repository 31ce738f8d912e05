import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { Ending } from './ending.ts'

/** `tasks docs`: what a config may say, or the part of it that was asked for. */
export function docsCommand(root: CommandUnknownOpts, finish: (ending: Ending) => void): void {
  root
    .command('docs')
    .summary('print what a config may say')
    .description('Prints all keys of the config; or one, a section, or what has a word: tasks docs app.healthPath.')
    .usage('[word]')
    .argument('[word]', 'a key, a section, or a word to look for')
    .helpOption('-h, --help', 'show this')
    .action(async (word) => finish((await action()).docs(word)))
}

async function action() {
  return await import('./docs-action.ts')
}
