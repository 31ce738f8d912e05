/** The Debian releases that a host can be. */
export type Debian = 12 | 13

/** A real Debian that runs on this machine: systemd as its first process, its own address, OpenSSH. */
export interface SandboxHost {
  readonly name: string
  readonly debian: Debian
  readonly address: string
  readonly port: 22
  /** A login with sudo; `root` takes the same key. */
  readonly user: string
  readonly identityFile: string
  /** Holds this host's keys alone, so that they can be checked. */
  readonly knownHostsFile: string
  /** The host's whole file system, as this machine sees it. */
  readonly root: string
  /** What this host differs in from the layers below it. */
  readonly upper: string
  /** Whether it runs: `sudo poweroff` on the host stops it. */
  readonly isRunning: boolean
}

/** How the user `elspeth` may become root: at once, with the password `correct horse`, or not at all. */
export type Sudo = 'nopasswd' | 'password' | 'none'

/** The words that make `ssh` and `scp` reach a host with its own key, checking its host keys and reading no config of the person's. */
export function sshOptions(host: Pick<SandboxHost, 'identityFile' | 'knownHostsFile'>): readonly string[] {
  const settings = [
    `IdentityFile=${host.identityFile}`,
    'IdentitiesOnly=yes',
    `UserKnownHostsFile=${host.knownHostsFile}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    'BatchMode=yes',
  ]
  return ['-F', 'none', ...settings.flatMap((setting) => ['-o', setting])]
}
