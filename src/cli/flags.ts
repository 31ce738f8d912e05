import { type Command, Option } from '@commander-js/extra-typings'

/** The flags that every task has, where they are written for commander: their words are the help's. */
export function withSharedFlags(command: Command) {
  return command
    .optionsGroup('Where:')
    .addOption(fromEnvironment(hostOption(), 'TASKS_HOST'))
    .addOption(fromEnvironment(new Option('--site <site>', 'a site, by its domain'), 'TASKS_SITE'))
    .addOption(fromEnvironment(new Option('--stage <stage>', 'a stage of the config'), 'TASKS_STAGE'))
    .option('--config <file>', 'the config, instead of the nearest tasks.config.ts')
    .optionsGroup('How:')
    .addOption(new Option('--dry-run', 'show what would change; touch nothing').conflicts(['step', 'printScript']))
    .addOption(
      new Option('--step', 'show each change, and ask before it is made').conflicts(['yes', 'json', 'printScript']),
    )
    .option('--yes', 'answer yes where a confirmation would be asked for')
    .option('--confirm <name>', 'the site, as you would type it where a protected one is asked for')
    .option('--only <task>', 'leave out all other tasks of the chain (may be repeated)', repeated)
    .option('--wait', "wait while somebody else's run holds the lock")
    .addOption(fromEnvironment(jobsOption(), 'TASKS_JOBS'))
    .addOption(new Option('--batch <number>', 'so many hosts end before the next begin').argParser(Number))
    .addOption(new Option('--max-failures <number>', 'hosts that may fail before no other begins').argParser(Number))
    .option('--exit-code', 'with --dry-run: exit with 3 where something would change')
    .optionsGroup('Output:')
    .option('--plain', 'lines instead of a live tree')
    .addOption(new Option('--json', 'one event a line, on standard output').conflicts(['plain', 'quiet']))
    .addOption(new Option('--verbose', 'show what each step says').conflicts('quiet'))
    .option('--quiet', 'show failures alone')
    .option('--print-script', 'print the shell program instead of running it')
    .option('--include-secrets', 'with --print-script: put the secrets that it needs into it')
    .helpOption('-h, --help', 'show this')
}

export type SharedFlags = ReturnType<ReturnType<typeof withSharedFlags>['opts']>

/** Long names that no parameter of a task may take. `site` is not among them: it is a parameter, too. */
export const sharedFlagNames = [
  ...['host', 'stage', 'config', 'dry-run', 'step', 'yes', 'confirm', 'only', 'wait', 'jobs', 'batch'],
  ...['max-failures', 'exit-code'],
  ...['plain', 'json', 'verbose', 'quiet', 'print-script', 'include-secrets', 'help'],
] as const

function hostOption() {
  return new Option(
    '--host <host>',
    'a host or @group of the config, a sandbox host, or user@address:port (may be repeated)',
  ).argParser(repeated)
}

function jobsOption() {
  return new Option('--jobs <number>', 'hosts that are worked on at once').default(10).argParser(Number)
}

/** The variable says it where no flag does; an empty one says nothing, as with the parameters of tasks. */
function fromEnvironment<O extends Option<string, unknown, unknown>>(option: O, variable: string): O {
  return process.env[variable] === '' ? option : option.env(variable)
}

/** Words of a flag that may be given several times, or with commas between them. */
export function repeated(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), ...text.split(',').filter((word) => word !== '')]
}
