import { readFileSync } from 'node:fs'
import { booted, firstProcess } from '../../src/sandbox/boot.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { must } from '../../src/sandbox/shell.ts'
import { type HostState, knownState } from '../../src/sandbox/state.ts'
import { patiently } from './patience.ts'

/** A sandbox host seen from outside, past its network: what is cut is the way of clients and visitors, not ours. */
export class Machine {
  readonly host: SandboxHost
  readonly #state: HostState
  #first: number

  constructor(host: SandboxHost) {
    this.host = host
    this.#state = knownState(host.name)
    this.#first = firstProcess(this.#state) ?? 0
  }

  /** A path of the host, for this machine: what is mounted there is seen too. */
  path(onHost: string): string {
    return `/proc/${this.#first}/root${onHost}`
  }

  /** The text of a file on the host; empty where there is none. */
  read(onHost: string): string {
    try {
      return readFileSync(this.path(onHost), 'utf8')
    } catch {
      return ''
    }
  }

  /** Runs shell text as the host's root; what it prints. */
  async sh(text: string): Promise<string> {
    const entered = ['nsenter', '-t', String(this.#first), '-m', '-u', '-i', '-n', '-p', '-C', '--', 'sh', '-euc', text]
    const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' }
    return await must(entered, `Cannot do this on "${this.host.name}": ${text}`, { env })
  }

  /** Boots it again: through its systemd, or at once, as its reset button would. Returns when the boot is over. */
  async reboot(how: 'orderly' | 'reset'): Promise<void> {
    const before = this.#first
    await this.sh(`systemctl reboot ${how === 'reset' ? '--force --force' : ''} || :`).catch(() => '')
    await patiently(() => ![undefined, before].includes(firstProcess(this.#state)))
    await booted(this.#state)
    this.#first = firstProcess(this.#state) ?? 0
  }
}
