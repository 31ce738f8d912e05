import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Work } from '../peer.ts'

/** Writes the targets as a person's ssh_config would have them, each by its name, and tells the file's path. */
export function sshConfig({ folder, targets }: Pick<Work, 'folder' | 'targets'>): string {
  const hosts = targets.map(
    (target) => `Host ${target.name}
  HostName ${target.address}
  Port ${target.port}
  User ${target.user}
  IdentityFile ${target.identityFile}
  IdentitiesOnly yes
  UserKnownHostsFile ${target.knownHostsFile}
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  BatchMode yes
`,
  )
  const path = join(folder, 'ssh_config')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, hosts.join('\n'))
  return path
}
