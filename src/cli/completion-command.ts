import { Argument, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { Ending } from './ending.ts'

/** `tasks completion`: the script with which a shell completes what is typed after `tasks`. */
export function completionCommand(root: CommandUnknownOpts, finish: (ending: Ending) => void): void {
  root
    .command('completion')
    .summary('print what lets your shell complete tasks, flags, hosts and sites')
    .description(
      [
        'Prints a script that lets your shell complete tasks, flags, hosts and sites. In the file that the shell reads when it starts:',
        '  bash  ~/.bashrc                   eval "$(tasks completion bash)"',
        '  zsh   ~/.zshrc                    eval "$(tasks completion zsh)"',
        '  fish  ~/.config/fish/config.fish  tasks completion fish | source',
      ].join('\n'),
    )
    .usage('SHELL')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish'] as const))
    .helpOption('-h, --help', 'show this')
    .action(async (shell) => finish((await action()).completionScript(shell)))
}

async function action() {
  return await import('./completion/script.ts')
}
