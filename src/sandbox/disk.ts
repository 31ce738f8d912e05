import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keepDownloads, lendDownloads } from './downloads.ts'
import type { Sudo } from './host.ts'
import { resolvConf } from './machine-settings.ts'
import { must, run } from './shell.ts'
import type { HostState } from './state.ts'
import { writeInto } from './write-into.ts'

/** Where a host's own files are on this machine: `root`, `upper`, `work`, `known_hosts`, `console.log`. */
export function hostFolder(state: Pick<HostState, 'cache' | 'name'>): string {
  return join(state.cache, 'hosts', state.name)
}

/** Lays the host's upper folder over its layers, and writes into it what makes this host this one: name, keys, nameservers. */
export async function diskUp(state: HostState, sudo: Sudo): Promise<void> {
  const folder = hostFolder(state)
  for (const part of ['upper', 'work', 'root']) mkdirSync(join(folder, part), { recursive: true })
  chmodSync(folder, 0o711)
  await lendDownloads(state, folder)
  const options = `lowerdir=${state.lower.join(':')},upperdir=${join(folder, 'upper')},workdir=${join(folder, 'work')}`
  const root = join(folder, 'root')
  await must(['mount', '-t', 'overlay', 'overlay', '-o', options, root], `Cannot mount the disk of "${state.name}".`)
  writeInto(root, '/etc/hostname', `${state.name}\n`)
  writeInto(
    root,
    '/etc/hosts',
    `127.0.0.1 localhost\n127.0.1.1 ${state.name}\n::1 localhost ip6-localhost ip6-loopback\n`,
  )
  writeInto(root, '/etc/machine-id', `${randomBytes(16).toString('hex')}\n`, { mode: 0o444 })
  writeInto(root, '/etc/resolv.conf', resolvConf())
  await hostKeys(state)
  await allow(root, sudo)
}

/** Undoes {@link diskUp}, and keeps the packages that the host downloaded for the next one. */
export async function diskDown(state: HostState): Promise<void> {
  const folder = hostFolder(state)
  forgetNspawn(state)
  await unmount(state)
  await keepDownloads(state, folder)
  await run(['rm', '-rf', '--one-file-system', folder])
}

export async function unmount(state: HostState): Promise<void> {
  const root = join(hostFolder(state), 'root')
  for (let tries = 0; tries < 5 && isMounted(root); tries++) await run(['umount', root])
  if (isMounted(root)) await must(['umount', '--lazy', root], `Cannot unmount the disk of "${state.name}".`)
}

async function hostKeys(state: HostState): Promise<void> {
  const folder = hostFolder(state)
  const known: string[] = []
  for (const type of ['ed25519', 'ecdsa']) {
    const path = join(folder, 'root/etc/ssh', `ssh_host_${type}_key`)
    rmSync(path, { force: true })
    await must(
      ['ssh-keygen', '-q', '-t', type, '-N', '', '-C', `root@${state.name}`, '-f', path],
      'Cannot make a host key.',
    )
    known.push(`${state.address} ${readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')}\n`)
  }
  writeFileSync(join(folder, 'known_hosts'), known.join(''), { mode: 0o644 })
}

async function allow(root: string, sudo: Sudo): Promise<void> {
  const rule = '/etc/sudoers.d/90-elspeth'
  rmSync(join(root, rule), { force: true })
  if (sudo === 'none') return
  writeInto(root, rule, `elspeth ALL=(ALL:ALL) ${sudo === 'password' ? '' : 'NOPASSWD:'}ALL\n`, { mode: 0o440 })
  if (sudo === 'password')
    await must(['chroot', root, 'chpasswd'], 'Cannot set a password.', { input: 'elspeth:correct horse\n' })
}

/** What nspawn keeps in /run for a host that was killed too hard for nspawn to remove it. */
function forgetNspawn(state: HostState): void {
  const root = statSync(join(hostFolder(state), 'root'), { throwIfNoEntry: false })
  if (root) rmSync(`/run/systemd/nspawn/locks/inode-${root.dev}:${root.ino}`, { force: true })
  rmSync(`/run/systemd/nspawn/propagate/${state.name}`, { force: true, recursive: true })
}

function isMounted(path: string): boolean {
  return readFileSync('/proc/self/mounts', 'utf8').includes(` ${path} `)
}
