import { type Command, Option } from '@commander-js/extra-typings'

/** The flags of `tasks init`, and their words in its help. */
export function withInitFlags(command: Command) {
  return command
    .optionsGroup('Answers:')
    .option('--host <host>', 'the server: user@address:port, an alias of ssh_config, or a sandbox host')
    .option('--site <site>', 'the domain of the site')
    .option('--alias <domain>', 'another domain of it (may be repeated)', listed)
    .option('--stage <stage>', "the site's stage (default: what its domain says, or production)")
    .addOption(new Option('--dotenv <file>', "the stage's dotenv file (default: .env.STAGE)"))
    .option('--no-dotenv', 'a stage without a dotenv file')
    .option('--directory <folder>', 'where the application is, if there are several')
    .optionsGroup('How:')
    .option('--yes', 'ask nothing: take what is usual')
    .option('--force', 'replace a config and an example that are there')
    .helpOption('-h, --help', 'show this')
}

/** What was typed. */
export interface InitFlags {
  readonly host?: string | undefined
  readonly site?: string | undefined
  readonly alias?: readonly string[] | undefined
  readonly stage?: string | undefined
  /** False where there is to be none. */
  readonly dotenv?: string | boolean | undefined
  readonly directory?: string | undefined
  readonly yes?: true | undefined
  readonly force?: true | undefined
}

function listed(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text]
}
