import * as z from 'zod'
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
  framework: z.enum(['django']).optional(),
  directory: projectPath.default('.'),
  requirements: projectPath.optional(),
  settings: shaped(z.string(), 'a Python module such as "superlists.settings"', (text) =>
    pythonName.test(text),
  ).optional(),
  wsgi: shaped(z.string(), 'a Python object such as "superlists.wsgi:application"', isWsgi).optional(),
  repository: line.optional(),
  python: shaped(z.string(), 'a version such as "3.12"', (text) => /^3\.\d{1,2}$/.test(text)).optional(),
  packages: z.array(debianPackage).readonly().default([]),
  overlay: z.boolean().default(true),
  workers: count.optional(),
  healthPath: shaped(z.string(), 'a path that begins with "/"', (text) => /^\/[!-~]*$/.test(text)).default('/'),
  healthTimeout: count.default(30),
  healthHold: shaped(z.number(), 'a whole number from 0', (value) => Number.isInteger(value) && value >= 0).default(6),
  strategy: z.enum(['side-by-side', 'restart']).default('side-by-side'),
  keepReleases: count.default(5),
  maxBodySize: shaped(z.string(), 'a size such as "10m"', (text) => /^\d+[kKmMgG]?$/.test(text)).default('10m'),
})

const host = z.strictObject({
  address: checked('an address', addressProblem).optional(),
  port: port.optional(),
  user: user.optional(),
  identityFile: line.optional(),
  knownHostsFile: line.optional(),
  jump: line.optional(),
  transport: z.enum(['ssh2', 'openssh']).optional(),
  siteUser: user.optional(),
  roles: z.array(name).readonly().default([]),
  primary: z.boolean().default(false),
  tunnels: z.record(name, tunnelPlace).optional(),
})

const stage = z.strictObject({
  dotenv: line.optional(),
  protected: z.boolean().default(false),
})

const site = z.strictObject({
  host: name,
  stage: name.optional(),
  aliases: z.array(checked('an alias', aliasProblem).transform(normalSiteName)).readonly().default([]),
})

const provision = z.strictObject({
  firewall: z.boolean().default(true),
  unattendedUpgrades: z.boolean().default(true),
  packages: z.array(debianPackage).readonly().default([]),
  repositories: z.array(line).readonly().default([]),
})

const verify = z.strictObject({
  functionalTests: line.optional(),
})

/** Checks what a config file says, and fills in what it leaves out. What each key means stands in config.ts. */
export const configSchema = z.strictObject({
  app: app.prefault({}),
  hosts: z.record(name, host).default({}),
  groups: z.record(name, z.array(name).readonly()).default({}),
  stages: z.record(name, stage).default({}),
  sites: z.record(checked('a site', siteNameProblem), site).default({}),
  provision: provision.prefault({}),
  verify: verify.prefault({}),
})

/** A config with every default filled in. */
export type CheckedConfig = z.output<typeof configSchema>

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

function isPlace(text: string): boolean {
  if (text.startsWith('/')) return lineProblem(text) === undefined
  const [, port = 0] = /^(?:\[[\da-f:.]+\]|[^\s:/[\]]+):(\d{1,5})$/i.exec(text) ?? []
  return Number(port) >= 1 && Number(port) <= 65_535
}
