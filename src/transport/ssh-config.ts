import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { beyondLibrary } from './openssh/beyond-library.ts'
import type { PrintedConfigs } from './printed-configs.ts'
import type { SshTarget } from './target.ts'

/** What OpenSSH would use for a host, after every Host, Match and Include of its configuration. */
export interface SshSettings {
  readonly hostname: string
  readonly port: number
  readonly user: string
  readonly identityFiles: readonly string[]
  /** Somebody named the identity files; they are not just the ones that are tried by default. */
  readonly identitiesNamed: boolean
  readonly identitiesOnly: boolean
  /** A socket's path; undefined where the configuration says `none`. */
  readonly identityAgent: string | undefined
  readonly userKnownHosts: readonly string[]
  readonly globalKnownHosts: readonly string[]
  readonly hostKeyAlias: string | undefined
  readonly strictHostKeyChecking: 'yes' | 'ask' | 'accept-new' | 'no'
  readonly hashKnownHosts: boolean
  readonly knownHostsCommand: string | undefined
  readonly connectTimeoutSeconds: number | undefined
  readonly keepaliveSeconds: number | undefined
  readonly keepaliveCount: number
  readonly family: 0 | 4 | 6
  readonly proxyJump: string | undefined
  readonly proxyCommand: string | undefined
  /** It would go to the background by itself, which only an `ssh` that knows the option can be told not to. */
  readonly forks: boolean
  /** Whether this machine has an `ssh`. */
  readonly hasSsh: boolean
  /** What of it the SSH library cannot do, each as a sentence to follow "because". */
  readonly beyondLibrary: readonly string[]
  /** What the target says beyond the configuration, as flags of `ssh`: for command lines in hints. */
  readonly givenFlags: readonly string[]
}

export type Environment = Readonly<Record<string, string | undefined>>

/** What `ssh -G` says of a target. Where there is no `ssh` program, what OpenSSH does without any configuration. */
export async function resolveSettings(target: SshTarget, { env, signal, configs }: Resolving): Promise<SshSettings> {
  return readSettings(await configs.of(target, signal), target, env)
}

export interface Resolving {
  readonly env: Environment
  readonly signal?: AbortSignal | undefined
  readonly configs: PrintedConfigs
}

/** Reads what `ssh -G` printed; of an empty text it makes the defaults. */
export function readSettings(printed: string, target: SshTarget, env: Environment): SshSettings {
  const options = readOptions(printed)
  const one = (name: string) => options.get(name)?.[0]
  const user = target.user ?? one('user') ?? userInfo().username
  const hostname = one('hostname') ?? target.host
  const port = target.port ?? Number(one('port') ?? 22)
  const expand = (path: string) => expandPath(path, { h: hostname, p: String(port), r: user, n: target.host }, env)
  const files = (name: string, otherwise: readonly string[]) =>
    (one(name)?.split(' ') ?? otherwise).filter((path) => path !== 'none').map(expand)
  const configured = options.get('identityfile') ?? defaultIdentities
  const named = configured.join() !== defaultIdentities.join() && configured.some((file) => !isDefault(file))
  const own = target.identityFile === undefined ? [] : [expand(target.identityFile)]
  return {
    hostname,
    port,
    user,
    identityFiles: [...own, ...(own.length > 0 && !named ? [] : configured.filter((f) => f !== 'none').map(expand))],
    identitiesNamed: named || own.length > 0,
    identitiesOnly: one('identitiesonly') === 'yes',
    identityAgent: agentSocket(one('identityagent'), { env, expand }),
    userKnownHosts: target.knownHostsFile
      ? [expand(target.knownHostsFile)]
      : files('userknownhostsfile', ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']),
    globalKnownHosts: files('globalknownhostsfile', ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']),
    hostKeyAlias: one('hostkeyalias'),
    strictHostKeyChecking: strictness(one('stricthostkeychecking')),
    hashKnownHosts: one('hashknownhosts') === 'yes',
    knownHostsCommand: unlessNone(one('knownhostscommand')),
    connectTimeoutSeconds: positive(one('connecttimeout')),
    keepaliveSeconds: positive(one('serveraliveinterval')),
    keepaliveCount: positive(one('serveralivecountmax')) ?? 3,
    family: one('addressfamily') === 'inet' ? 4 : one('addressfamily') === 'inet6' ? 6 : 0,
    proxyJump: unlessNone(one('proxyjump')),
    proxyCommand: unlessNone(one('proxycommand')),
    forks: one('forkafterauthentication') === 'yes',
    hasSsh: printed !== '',
    beyondLibrary: beyondLibrary(options),
    givenFlags: givenFlags(target),
  }
}

const defaultIdentities = ['id_rsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk', 'id_xmss', 'id_dsa'].map(
  (name) => `~/.ssh/${name}`,
)

function isDefault(file: string): boolean {
  return defaultIdentities.includes(file)
}

function givenFlags({ configFile, port, jump, knownHostsFile }: SshTarget): readonly string[] {
  return [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(port === undefined || port === 22 ? [] : ['-p', String(port)]),
    ...(jump === undefined ? [] : ['-o', `ProxyJump=${jump}`]),
    ...(knownHostsFile === undefined ? [] : ['-o', `UserKnownHostsFile=${knownHostsFile}`]),
  ]
}

function readOptions(printed: string): ReadonlyMap<string, readonly string[]> {
  const options = new Map<string, string[]>()
  for (const line of printed.split('\n')) {
    const [, name, value] = /^(\S+) (.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) continue
    const values = options.get(name.toLowerCase())
    if (values) values.push(value)
    else options.set(name.toLowerCase(), [value])
  }
  return options
}

function agentSocket(
  configured: string | undefined,
  { env, expand }: { readonly env: Environment; readonly expand: (path: string) => string },
): string | undefined {
  if (configured === 'none') return undefined
  if (configured === undefined || configured === 'SSH_AUTH_SOCK') return env.SSH_AUTH_SOCK || undefined
  return expand(configured.replace(/^\$(\w+)$/, (_, name: string) => env[name] ?? '')) || undefined
}

function expandPath(path: string, tokens: Readonly<Record<string, string>>, env: Environment): string {
  const known: Readonly<Record<string, string>> = { ...tokens, d: homedir(), u: userInfo().username, '%': '%' }
  return path
    .replace(/^"(.*)"$/, '$1')
    .replace(/^~(?=\/|$)/, () => homedir())
    .replace(/\$\{(\w+)\}/g, (_, name: string) => env[name] ?? '')
    .replace(/%(.)/g, (whole, letter: string) => known[letter] ?? whole)
    .replace(/^(?!\/)(.+)$/, (relative) => join(process.cwd(), relative))
}

function strictness(text: string | undefined): SshSettings['strictHostKeyChecking'] {
  if (text === 'true' || text === 'yes') return 'yes'
  if (text === 'false' || text === 'no' || text === 'off') return 'no'
  return text === 'accept-new' ? 'accept-new' : 'ask'
}

function positive(text: string | undefined): number | undefined {
  const number = Number(text)
  return number > 0 ? number : undefined
}

function unlessNone(text: string | undefined): string | undefined {
  return text === undefined || text === 'none' || text === '' ? undefined : text
}
