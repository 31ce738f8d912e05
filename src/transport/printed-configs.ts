import { readFile } from 'node:fs/promises'
import { isIPv4 } from 'node:net'
import { configFlags, type Printed, printedConfig } from './printed-config.ts'
import type { SshTarget } from './target.ts'

/** What `ssh -G` would print of a host. */
type Common = (host: string) => string

/**
 * What `ssh -G` prints of the hosts of one run. Where nothing that it read depends on the host, what it printed of one is true of all, and is not
 * asked for again: with many hosts its starts take the most of this machine's time.
 */
export class PrintedConfigs {
  /** By what is said of a target beside its name. The first is asked about plainly: mostly there is but one. */
  readonly #common = new Map<string, 'asked once' | Promise<Common | undefined>>()

  /** Rejects with a TasksError of code `config`. */
  async of(target: SshTarget, signal: AbortSignal | undefined): Promise<string> {
    const key = configFlags(target).join('\0')
    const known = this.#common.get(key)
    if (known === undefined) this.#common.set(key, 'asked once')
    if (known === undefined || !isPlain(target.host)) return (await printedConfig(target, signal)).config
    if (known === 'asked once') return await this.#askWidely(key, target, signal)
    const common = await known
    return common ? common(target.host) : (await printedConfig(target, signal)).config
  }

  async #askWidely(key: string, target: SshTarget, signal: AbortSignal | undefined): Promise<string> {
    const asked = printedConfig(target, signal, ['-v'])
    const common = asked.then((printed) => commonOf(target.host, printed)).catch(() => undefined)
    this.#common.set(key, common)
    const { config } = await asked.catch(() => printedConfig(target, signal)) // which says why without the noise of -v
    return config
  }
}

/** Names that `ssh` leaves as they are: no capitals, and no number that is an address written otherwise. */
function isPlain(host: string): boolean {
  return isIPv4(host) || /^[a-z][a-z0-9.-]*$/.test(host)
}

/** Undefined where the configuration may say something else of another host. */
async function commonOf(host: string, { config, said }: Printed): Promise<Common | undefined> {
  const lines = config.split('\n')
  const naming = lines.filter((line) => line.includes(host))
  const isItsOwn =
    lines.includes(`hostname ${host}`) && naming.every((line) => /^host(name)? (.*)$/.exec(line)?.[2] === host)
  if (!isItsOwn || !lines.some((line) => /^canonicalizehostname (no|false)$/.test(line))) return undefined
  const files = filesRead(said)
  if (files === undefined) return undefined
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  if (texts.some(tellsHostsApart)) return undefined
  return (other) => lines.map((line) => (naming.includes(line) ? `${line.split(' ')[0]} ${other}` : line)).join('\n')
}

/** As `ssh -v` names them, cut after 200 bytes (readconf.c). Undefined where they cannot be told. */
function filesRead(said: string): readonly string[] | undefined {
  if (!/^OpenSSH_/m.test(said)) return undefined
  const files = [...said.matchAll(/^debug1: Reading configuration data (.*?)\r?$/gm)].map(([, file = '']) => file)
  return files.some((file) => Buffer.byteLength(file) >= 200) ? undefined : files
}

/** ssh_config(5): what follows a `Host` or `Match` goes for some hosts, but for `Host *`; words may stand in quotes, and a `=` between them. */
function tellsHostsApart(text: string): boolean {
  const conditions = text.matchAll(/^[^\S\n]*"?(host|match)(?=["\s=]|$)"?[^\S\n]*=?[^\S\n]*([^\n]*)$/gim)
  return [...conditions].some(
    ([, keyword = '', whom = '']) => keyword.toLowerCase() === 'match' || whom.replaceAll('"', '').trim() !== '*',
  )
}
