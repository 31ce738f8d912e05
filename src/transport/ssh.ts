import { access, constants } from 'node:fs/promises'
import type { Connection } from '../core/connection.ts'
import { isTasksError, TasksError } from '../core/errors.ts'
import { dialAhead } from './ahead.ts'
import type { LinkOptions, Prompts } from './link.ts'
import { whyOpenssh } from './openssh/choice.ts'
import { PrintedConfigs } from './printed-configs.ts'
import { stopped } from './refusals.ts'
import { route, type Stop } from './route.ts'
import type { Environment } from './ssh-config.ts'
import { checkTarget, type SshTarget } from './target.ts'

export type { HostKeyQuestion } from '../core/ask.ts'
export type { Prompts } from './link.ts'
export { PrintedConfigs } from './printed-configs.ts'
export { parseTarget, type SshTarget } from './target.ts'

export interface SshOptions {
  readonly prompts?: Prompts | undefined
  readonly signal?: AbortSignal | undefined
  /** Called once it is the host that is waited for; perhaps more than once. */
  readonly underway?: (() => void) | undefined
  /** For each host on the way; stands still while a person is asked. Else ssh's ConnectTimeout, else 15. */
  readonly connectTimeoutSeconds?: number | undefined
  /** How often to try again where a host takes no more logins just now. 5 unless told otherwise. */
  readonly retries?: number | undefined
  /** Where SSH_AUTH_SOCK, and variables that the configuration names, are read. */
  readonly env?: Environment | undefined
  /** What is known of ssh's configuration, for those who log in to many hosts. */
  readonly configs?: PrintedConfigs | undefined
}

/**
 * Logs in to a host, through its jump hosts, as OpenSSH's configuration has it. Rejects with a TasksError: `unreachable`, `refused`,
 * `config`, `usage`, or `interrupted` once the signal says so. The SSH library is loaded here, not before.
 */
export async function connectSsh(target: SshTarget, options: SshOptions = {}): Promise<Connection> {
  checkTarget(target)
  const { signal = new AbortController().signal, env = process.env, configs = new PrintedConfigs() } = options
  // While another process reads ssh's configuration
  if (target.transport !== 'openssh') library().catch(() => undefined)
  try {
    const way = await route(target, { env, signal, configs })
    if (target.identityFile !== undefined) await checkKeyFile(target.host, way.at(-1)?.settings.identityFiles[0] ?? '')
    const linkOptions: CarrierOptions = {
      prompts: options.prompts ?? {},
      signal,
      underway: options.underway ?? (() => undefined),
      connectTimeoutSeconds: options.connectTimeoutSeconds,
      retries: options.retries ?? 5,
      env,
    }
    if (target.transport === 'ssh2') return await throughLibrary(way, linkOptions)
    if (target.transport === 'openssh') return await throughOpenssh(way, linkOptions, 'the config says so')
    const because = await whyOpenssh(way, signal)
    return because === undefined
      ? await throughEither(way, linkOptions)
      : await throughOpenssh(way, linkOptions, because)
  } catch (error) {
    throw signal.aborted ? stopped(target.host) : error
  }
}

type CarrierOptions = LinkOptions & { readonly env: Environment }

let loading: Promise<typeof import('./library-chain.ts')> | undefined

/** Loaded once: from sources, a second load of a module that is being loaded gets it half made (jiti 2.7). */
function library(): Promise<typeof import('./library-chain.ts')> {
  loading ??= import('./library-chain.ts')
  return loading
}

async function throughLibrary(way: readonly Stop[], options: LinkOptions): Promise<Connection> {
  const [first] = way
  const ahead = first && dialAhead(first, options.signal)
  const { connectLibrary } = await library()
  return await connectLibrary(way, { ...options, ahead })
}

async function throughOpenssh(way: readonly Stop[], options: CarrierOptions, because: string): Promise<Connection> {
  options.underway()
  const { connectOpenssh } = await import('./openssh/chain.ts')
  return { ...(await connectOpenssh(way, options)), transport: { name: 'openssh', because } }
}

/** What a host can do is known only once it was asked. */
async function throughEither(way: readonly Stop[], options: CarrierOptions): Promise<Connection> {
  try {
    return await throughLibrary(way, options)
  } catch (error) {
    if (!isAlgorithmMissing(error) || !way.every(({ settings }) => settings.hasSsh)) throw error
    return await throughOpenssh(way, options, 'the host and the library have no algorithm in common')
  }
}

function isAlgorithmMissing(error: unknown): boolean {
  return isTasksError(error) && error.cause instanceof Error && /no matching/.test(error.cause.message)
}

/** A key that somebody named is meant; its absence must not end in "the server took none of the keys". */
async function checkKeyFile(host: string, file: string): Promise<void> {
  try {
    await access(file, constants.R_OK)
  } catch (cause) {
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    throw new TasksError({
      code: 'config',
      message: `Cannot log in to "${host}" with the key ${file}: ${isAbsent ? 'there is no such file' : 'it cannot be read'}.`,
      hint: isAbsent ? 'correct identityFile' : `make ${file} readable for yourself`,
      cause,
    })
  }
}
