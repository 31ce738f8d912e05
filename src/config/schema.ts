import * as z from 'zod/mini'
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

// A config is checked once: to make a program that checks it takes longer
z.config({ jitless: true })

const name = checked('a name', labelProblem)
const user = checked('a user', userProblem)
const line = checked('used', lineProblem)
const projectPath = checked('a path', pathProblem)
const port = shaped(
  z.number(),
  'a number from 1 to 65535',
  (value) => Number.isInteger(value) && value >= 1 && value <= 65535,
)
const count = shaped(z.number(), 'a whole number from 1', (value) => Number.isSafeInteger(value) && value >= 1)
const debianPackage = shaped(z.string(), 'the name of a Debian package', (text) => /^[a-z0-9][a-z0-9+.-]+$/.test(text))
const pythonName = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/

const tunnelPlace = shaped(z.string(), 'a place such as "127.0.0.1:5432" or "/run/postgresql/.s.PGSQL.5432"', isPlace)

const app = z.strictObject({
  framework: z.optional(z.enum(['django'])),
  directory: z._default(projectPath, '.'),
  requirements: z.optional(projectPath),
  settings: z.optional(
    shaped(z.string(), 'a Python module such as "superlists.settings"', (text) => pythonName.test(text)),
  ),
  wsgi: z.optional(shaped(z.string(), 'a Python object such as "superlists.wsgi:application"', isWsgi)),
  repository: z.optional(line),
  python: z.optional(shaped(z.string(), 'a version such as "3.12"', (text) => /^3\.\d{1,2}$/.test(text))),
  packages: listOf(debianPackage),
  overlay: z._default(z.boolean(), true),
  workers: z.optional(count),
  healthPath: z._default(
    shaped(z.string(), 'a path that begins with "/"', (text) => /^\/[!-~]*$/.test(text)),
    '/',
  ),
  healthTimeout: z._default(count, 30),
  healthHold: z._default(
    shaped(z.number(), 'a whole number from 0', (value) => Number.isInteger(value) && value >= 0),
    6,
  ),
  strategy: z._default(z.enum(['side-by-side', 'restart']), 'side-by-side'),
  keepReleases: z._default(count, 5),
  maxBodySize: z._default(
    shaped(z.string(), 'a size such as "10m"', (text) => /^\d+[kKmMgG]?$/.test(text)),
    '10m',
  ),
})

const host = z.strictObject({
  address: z.optional(checked('an address', addressProblem)),
  port: z.optional(port),
  user: z.optional(user),
  identityFile: z.optional(line),
  knownHostsFile: z.optional(line),
  jump: z.optional(line),
  transport: z.optional(z.enum(['ssh2', 'openssh'])),
  siteUser: z.optional(user),
  roles: listOf(name),
  primary: z._default(z.boolean(), false),
  tunnels: z.optional(z.record(name, tunnelPlace)),
})

const stage = z.strictObject({
  dotenv: z.optional(line),
  protected: z._default(z.boolean(), false),
})

const site = z.strictObject({
  host: name,
  stage: z.optional(name),
  aliases: listOf(z.pipe(checked('an alias', aliasProblem), z.transform(normalSiteName))),
})

const provision = z.strictObject({
  firewall: z._default(z.boolean(), true),
  unattendedUpgrades: z._default(z.boolean(), true),
  packages: listOf(debianPackage),
  repositories: listOf(line),
})

const verify = z.strictObject({
  functionalTests: z.optional(line),
})

/** Checks what a config file says, and fills in what it leaves out. What each key means stands in config.ts. */
export const configSchema = z.strictObject({
  app: z.prefault(app, {}),
  hosts: z._default(z.record(name, host), {}),
  groups: z._default(z.record(name, z.readonly(z.array(name))), {}),
  stages: z._default(z.record(name, stage), {}),
  sites: z._default(z.record(checked('a site', siteNameProblem), site), {}),
  provision: z.prefault(provision, {}),
  verify: z.prefault(verify, {}),
})

/** A config with every default filled in. */
export type CheckedConfig = z.output<typeof configSchema>

/** Text that is held against one of our rules; the message says the rule, and never the text. */
function checked(what: string, problemOf: (text: string) => Problem) {
  return z.string().check(
    z.superRefine((text, context) => {
      const problem = problemOf(text)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: `cannot be ${what}, because ${problem}` })
    }),
  )
}

function shaped<S extends z.ZodMiniType>(schema: S, expected: string, isRight: (value: z.output<S>) => boolean) {
  return schema.check(z.refine((value) => isRight(value as z.output<S>), { error: `expected ${expected}` }))
}

/** None where it is left out. */
function listOf<S extends z.ZodMiniType>(schema: S) {
  return z._default(z.readonly(z.array(schema)), [])
}

function isWsgi(text: string): boolean {
  const [module = '', attribute = ''] = text.split(':')
  return pythonName.test(module) && /^[A-Za-z_]\w*$/.test(attribute)
}

function isPlace(text: string): boolean {
  if (text.startsWith('/')) return lineProblem(text) === undefined
  const [, port = 0] = /^(?:\[[\da-f:.]+\]|[^\s:/[\]]+):(\d{1,5})$/i.exec(text) ?? []
  return Number(port) >= 1 && Number(port) <= 65_535
}
