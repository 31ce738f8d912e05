import { type Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings'

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

/** Where a person wants something done. */
export type PlaceFlags = Pick<SharedFlags, 'host' | 'site' | 'stage'>

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

export type Flag = Pick<Option<string, unknown, unknown>, 'long' | 'short' | 'required' | 'optional'>

/** Whether a word is written as a flag is. */
export function isFlag(word: string): boolean {
  return word.length > 1 && word.startsWith('-')
}

/** The flag that a word is, and whether the next word is its value. Of short ones written together the last alone can have one. */
export function flagIn<F extends Flag>(
  word: string,
  next: string | undefined,
  flags: readonly F[],
): { readonly flag?: F; readonly takesNext: boolean } {
  if (word.startsWith('--')) {
    const flag = flags.find(({ long }) => long === word.split('=')[0])
    return flag === undefined ? { takesNext: false } : { flag, takesNext: !word.includes('=') && takes(flag, next) }
  }
  const [letter, rest] = [word.slice(0, 2), word.slice(2)]
  const flag = flags.find(({ short }) => short === letter)
  if (flag === undefined) return { takesNext: false }
  if (rest === '') return { flag, takesNext: takes(flag, next) }
  return flag.required || flag.optional ? { flag, takesNext: false } : flagIn(`-${rest}`, next, flags)
}

/** As commander sees it: a flag that needs a value takes any word, one that may have one no flag. */
function takes({ required, optional }: Flag, next: string | undefined): boolean {
  if (next === undefined) return false
  return required || (optional && (!isFlag(next) || /^-(\d|\.\d)/.test(next)))
}

/** How many words without flags a command takes. */
export function places({ registeredArguments }: CommandUnknownOpts): number {
  return registeredArguments.some(({ variadic }) => variadic) ? Number.POSITIVE_INFINITY : registeredArguments.length
}

/** What `--config` names: which tasks there are depends on it, so it is read before the command line is. */
export function configIn(words: readonly string[]): string | undefined {
  const at = words.indexOf('--config')
  return at === -1 ? words.find((word) => word.startsWith('--config='))?.slice('--config='.length) : words[at + 1]
}
