import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { inCache } from './folders.ts'
import type { MachineSettings } from './machine-settings.ts'
import { must, run } from './shell.ts'
import { writeInto } from './write-into.ts'

interface Dress {
  readonly base: string
  readonly settled: string
  readonly settings: MachineSettings
}

/** Makes the layer that turns a debootstrapped folder into a server that this machine can log in to, and that fetches what this machine can. */
export async function dress({ base, settled, settings }: Dress): Promise<void> {
  const making = `${settled}.making`
  for (const part of ['upper', 'work', 'root']) mkdirSync(join(making, part), { recursive: true })
  const root = join(making, 'root')
  const options = `lowerdir=${base},upperdir=${join(making, 'upper')},workdir=${join(making, 'work')}`
  const sentence = `Cannot settle the image in ${base}.`
  await must(['mount', '-t', 'overlay', 'overlay', '-o', options, root], sentence)
  try {
    for (const { path, text, mode } of settings.files) writeInto(root, path, text, { mode })
    if (existsSync(join(root, 'etc/apt/sources.list.d/debian.sources')))
      await run(['rm', '-f', join(root, 'etc/apt/sources.list')])
    await must(['chroot', root, 'sh', '-eu'], sentence, {
      input: inside,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
    })
    const key = await publicKey()
    writeInto(root, '/root/.ssh/authorized_keys', key, { mode: 0o600, folderMode: 0o700 })
    writeInto(root, '/home/elspeth/.ssh/authorized_keys', key, { mode: 0o600, folderMode: 0o700, uid: 1000 })
  } finally {
    await run(['umount', root])
  }
  renameSync(join(making, 'upper'), settled)
  await run(['rm', '-rf', '--one-file-system', making])
}

/** The private key that opens every host of this cache. */
export function identityFile(): string {
  return inCache('id_ed25519')
}

/** What is particular to the machine it was made on goes: host keys, package lists, logs. The stamps tell systemd that no update of /usr is to be worked off at the first boot. */
const inside = `
update-ca-certificates >/dev/null 2>&1
useradd --create-home --shell /bin/bash --uid 1000 elspeth
rm -f /etc/ssh/ssh_host_*_key* /etc/machine-id /etc/hostname /etc/resolv.conf
rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /var/log/bootstrap.log
install -d -m 1777 /var/cache/pip
touch /etc/.updated /var/.updated
`

async function publicKey(): Promise<string> {
  const path = identityFile()
  if (!existsSync(`${path}.pub`)) {
    await must(
      ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'tasks sandbox', '-f', path],
      `Cannot make a key in ${path}.`,
    )
  }
  return readFileSync(`${path}.pub`, 'utf8')
}
