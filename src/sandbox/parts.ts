import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { TasksError } from '../core/errors.ts'
import { makeFolders, stateFolder } from './folders.ts'
import { locked } from './lock.ts'
import { must, run } from './shell.ts'

/** What a sandbox host is made with: a program (or a file) on this machine, and the Debian package that brings it. */
const parts = [
  { path: 'debootstrap', from: 'debootstrap' },
  { path: 'systemd-nspawn', from: 'systemd-container' },
  { path: 'nft', from: 'nftables' },
  { path: 'ip', from: 'iproute2' },
  { path: 'ssh', from: 'openssh-client' },
  { path: 'update-ca-certificates', from: 'ca-certificates' },
  { path: '/usr/share/keyrings/debian-archive-trixie-stable.gpg', from: 'debian-archive-keyring' },
] as const

/** The one-line reason why no sandbox host can run on this machine, or undefined where it can. Missing packages are no obstacle. */
export function sandboxObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'sandbox hosts need Linux'
  if (process.getuid?.() !== 0) return 'sandbox hosts need root'
  if (!hasFilesystem('overlay')) return 'sandbox hosts need overlayfs, which this kernel lacks'
  if (!hasFilesystem('cgroup2')) return 'sandbox hosts need control groups version 2, which this kernel lacks'
  if (!canUnshare()) return 'sandbox hosts need namespaces, which this machine does not allow'
  const missing = missingParts()
  if (missing.length > 0 && !onPath('apt-get'))
    return `sandbox hosts need ${missing.join(', ')}, and apt-get is not here`
  return undefined
}

/** The Debian packages that sandbox hosts still need on this machine. */
export function missingParts(): readonly string[] {
  const isThere = (path: string) => (path.startsWith('/') ? existsSync(path) : onPath(path))
  return parts.filter((part) => !isThere(part.path)).map((part) => part.from)
}

/** Installs what {@link missingParts} names, with this machine's APT. */
export async function installParts(options: { readonly onProgress?: ((line: string) => void) | undefined } = {}) {
  makeFolders()
  await locked(stateFolder, async () => {
    const missing = missingParts()
    if (missing.length === 0) return
    const tell = options.onProgress
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const apt = ['apt-get', '-o', 'DPkg::Lock::Timeout=300', '-q']
    tell?.(`Installing ${missing.join(', ')}`)
    await run([...apt, 'update'], { env, onLine: tell })
    const install = [...apt, 'install', '-y', '--no-install-recommends', ...missing]
    await must(install, `Cannot install ${missing.join(', ')} on this machine.`, { env, onLine: tell })
  })
}

export function requireParts(): void {
  const obstacle = sandboxObstacle()
  if (obstacle) throw new TasksError({ code: 'failed', message: `Cannot make a sandbox host: ${obstacle}.` })
  const missing = missingParts()
  if (missing.length === 0) return
  throw new TasksError({
    code: 'failed',
    message: `Cannot make a sandbox host, because this machine lacks ${missing.join(', ')}.`,
    hint: `apt-get update && apt-get install ${missing.join(' ')}`,
  })
}

function hasFilesystem(name: string): boolean {
  const isListed = () => new RegExp(`\\s${name}$`, 'm').test(readFileSync('/proc/filesystems', 'utf8'))
  if (isListed()) return true
  spawnSync('modprobe', [name])
  return isListed()
}

function canUnshare(): boolean {
  return spawnSync('unshare', ['--mount', '--net', '--pid', '--fork', '--cgroup', 'true']).status === 0
}

function onPath(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin', '/bin']
  return folders.some((folder) => isExecutable(`${folder}/${program}`))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
