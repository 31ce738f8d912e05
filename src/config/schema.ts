import { z } from 'zod'
import {
  addressProblem,
  aliasProblem,
  labelProblem,
  lineProblem,
  normalSiteName,
  type Problem,
  pathProblem,
  siteNameProblem,
  userProblem,
} from './names.ts'

const name = checked('a name', labelProblem)
const user = checked('a user', userProblem)
const line = checked('used', lineProblem)
const projectPath = checked('a path', pathProblem)
const port = shaped(
  z.number(),
  'a number from 1 to 65535',
  (value) => Number.isInteger(value) && value >= 1 && value <= 65535,
)
const count = shaped(z.number(), 'a whole number from 1', (value) => Number.isInteger(value) && value >= 1)
const debianPackage = shaped(z.string(), 'the name of a Debian package', (text) => /^[a-z0-9][a-z0-9+.-]+$/.test(text))
const pythonName = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/

// The first words of each key's comment are its description in docs/config.md, too.

const app = z.strictObject({
  /** The framework that the application is written with. Detected where it is not said. */
  framework: z.enum(['django']).optional(),
  /** The application's folder, relative to the config's own. */
  directory: projectPath.default('.'),
  /** The requirements file, relative to `directory`. Detected where it is not said. */
  requirements: projectPath.optional(),
  /** The settings module for production: `superlists.settings`. Detected where it is not said. */
  settings: shaped(z.string(), 'a Python module such as "superlists.settings"', (text) =>
    pythonName.test(text),
  ).optional(),
  /** The WSGI application: `superlists.wsgi:application`. Detected where it is not said. */
  wsgi: shaped(z.string(), 'a Python object such as "superlists.wsgi:application"', isWsgi).optional(),
  /** A URL that the host clones the code from, instead of getting commits of the local repository. */
  repository: line.optional(),
  /** The Python wanted, such as `3.12`: the host's own where it is not said. */
  python: shaped(z.string(), 'a version such as "3.12"', (text) => /^3\.\d{1,2}$/.test(text)).optional(),
  /** More Debian packages that the application needs, such as `libpq-dev`. */
  packages: z.array(debianPackage).default([]),
  /** Whether settings that are unsafe in production are overridden (DEBUG, ALLOWED_HOSTS, the secret key, …), outside the source. */
  overlay: z.boolean().default(true),
  /** Processes that answer requests: two for each processor and one more, where it is not said. */
  workers: count.optional(),
  /** The path that is asked for before a release may serve. */
  healthPath: shaped(z.string(), 'a path that begins with "/"', (text) => /^\/[!-~]*$/.test(text)).default('/'),
  /** Seconds within which a started release must answer. */
  healthTimeout: count.default(30),
  /** Good releases that are kept on the host, the running one among them. */
  keepReleases: count.default(5),
  /** The largest request body, in nginx's words. */
  maxBodySize: shaped(z.string(), 'a size such as "10m"', (text) => /^\d+[kKmMgG]?$/.test(text)).default('10m'),
})

const host = z.strictObject({
  /** An address, a DNS name, or an alias of ssh_config. The host's name where it is not said: an alias, or a sandbox host. */
  address: checked('an address', addressProblem).optional(),
  /** The port of its SSH server: what ssh_config says, or 22, where it is not said. */
  port: port.optional(),
  /** Who logs in: `root`, or a user who may use sudo. What ssh_config says, or your own name, where it is not said. */
  user: user.optional(),
  /** The private key to log in with; `~` is your home folder. What ssh_config says and the agent has, where it is not said. */
  identityFile: line.optional(),
  /** A file of host keys of its own, instead of `~/.ssh/known_hosts`. */
  knownHostsFile: line.optional(),
  /** Jump hosts, as `ssh -J` takes them: `user@address:port,…`. */
  jump: line.optional(),
  /** The user who owns and runs the sites; made if missing. The login user where it is not said, unless that is root. */
  siteUser: user.optional(),
})

const stage = z.strictObject({
  /** A dotenv file on your machine, relative to the config's folder: the environment of the stage's sites. */
  dotenv: line.optional(),
  /** Whether a command that destroys must be confirmed by typing the site's name, even with `--yes`. */
  protected: z.boolean().default(false),
})

const site = z.strictObject({
  /** The host that it runs on: a name in `hosts`. */
  host: name,
  /** The stage that it belongs to: a name in `stages`. */
  stage: name.optional(),
  /** More domains, or addresses, that it answers to. */
  aliases: z.array(checked('an alias', aliasProblem).transform(normalSiteName)).default([]),
})

const provision = z.strictObject({
  /** Whether a firewall lets in SSH, HTTP and HTTPS alone. */
  firewall: z.boolean().default(true),
  /** Whether security updates are installed unattended. */
  unattendedUpgrades: z.boolean().default(true),
  /** More Debian packages for every host. */
  packages: z.array(debianPackage).default([]),
  /** More APT repositories for every host, such as `ppa:deadsnakes/ppa`. */
  repositories: z.array(line).default([]),
})

const verify = z.strictObject({
  /** A command, run on your machine in the config's folder with `STAGING_SERVER` set to the site. */
  functionalTests: line.optional(),
})

/** What a config file may say. Unknown keys are refused; what is left out gets its default, or is detected from the commit. */
export const configSchema = z.strictObject({
  /** How the application is made. */
  app: app.prefault({}),
  /** The machines, each by a name of your choice. */
  hosts: z.record(name, host).default({}),
  /** The environments, each by a name of your choice: `staging`, `production`. */
  stages: z.record(name, stage).default({}),
  /** The deployed applications, each by its domain. */
  sites: z.record(checked('a site', siteNameProblem), site).default({}),
  /** What makes a bare server ready for sites. */
  provision: provision.prefault({}),
  /** What is looked at after a deploy. */
  verify: verify.prefault({}),
})

export type ConfigInput = z.input<typeof configSchema>
export type Config = z.output<typeof configSchema>

/** Text that is held against one of our rules; the message says the rule, and never the text. */
function checked(what: string, problemOf: (text: string) => Problem) {
  return z.string().superRefine((text, context) => {
    const problem = problemOf(text)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: `cannot be ${what}, because ${problem}` })
  })
}

function shaped<S extends z.ZodType>(schema: S, expected: string, isRight: (value: z.output<S>) => boolean) {
  return schema.refine((value) => isRight(value as z.output<S>), { error: `expected ${expected}` })
}

function isWsgi(text: string): boolean {
  const [module = '', attribute = ''] = text.split(':')
  return pythonName.test(module) && /^[A-Za-z_]\w*$/.test(attribute)
}
