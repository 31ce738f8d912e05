import { TasksError } from '../core/errors.ts'

/** Where to log in. What is left out is what `ssh` itself would take from its configuration. */
export interface SshTarget {
  /** As the user wrote it: an alias of ~/.ssh/config, a name, or an address. */
  readonly host: string
  readonly user?: string | undefined
  readonly port?: number | undefined
  /** Offered before every other key. */
  readonly identityFile?: string | undefined
  /** Read, and written, instead of the user's own known_hosts. */
  readonly knownHostsFile?: string | undefined
  /** Hops on the way as `ssh -J` takes them, comma-separated; `none` for a direct way whatever the configuration says. */
  readonly jump?: string | undefined
  /** What speaks SSH: the library, or this machine's own `ssh`. Where it is not said, the library where that can do what the configuration asks for. */
  readonly transport?: 'ssh2' | 'openssh' | undefined
  /** Read instead of the user's and the machine's ssh configuration, as by `ssh -F`. */
  readonly configFile?: string | undefined
}

/**
 * Reads `host`, `user@host`, `host:port`, `[2001:db8::7]:22`, `2001:db8::7` or `ssh://user@host:port`.
 * Throws a TasksError of code `usage` for what no host, user or port can be.
 */
export function parseTarget(text: string): SshTarget {
  const words = text.replace(/^ssh:\/\//, '').replace(/\/$/, '')
  const at = words.lastIndexOf('@')
  const user = at < 0 ? undefined : words.slice(0, at)
  const place = words.slice(at + 1)
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(place)
  const plain = /^([^:]*):([^:]*)$/.exec(place)
  const [, host = place, port] = bracketed ?? plain ?? []
  const target: SshTarget = {
    host,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: /^\d{1,5}$/.test(port) ? Number(port) : Number.NaN }),
  }
  checkTarget(target, text)
  return target
}

/** Refuses what a shell or `ssh` could take for something else than a name. Nothing was started or sent before this. */
export function checkTarget(target: SshTarget, text = target.host): void {
  if (!isHost(target.host)) throw badTarget(text, 'that cannot be the name of a host')
  if (target.user !== undefined && !isUser(target.user)) throw badTarget(text, 'that cannot be the name of a user')
  const { port } = target
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536))
    throw badTarget(text, 'a port is a number from 1 to 65535')
}

/** OpenSSH's own rule for names that may reach a ProxyCommand. */
function isHost(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  return text !== '' && !/^-|['"`$\\;&<>|(){}@,/\s\x00-\x1f\x7f]/u.test(text)
}

function isUser(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  return text !== '' && !/^-|['"`$;&<>|(){}\\\s\x00-\x1f\x7f]/u.test(text)
}

function badTarget(text: string, because: string): TasksError {
  return new TasksError({
    code: 'usage',
    message: `Cannot use ${JSON.stringify(text)} as a host: ${because}.`,
    hint: 'write it as name, user@name or user@address:port',
  })
}
