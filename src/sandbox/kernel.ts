import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stateFolder } from './folders.ts'

/** What this machine's kernel must allow while hosts are up, by the name that sysctl has for it. */
const wanted = {
  'net.ipv4.ip_forward': 1,
  // Each systemd takes five; the usual limit of 128 for all of root's ends the thirteenth host's boot.
  'fs.inotify.max_user_instances': 4096,
} as const

const before = join(stateFolder, 'sysctl')

/** Raises what is too low, remembering what it was. Called under the machine's lock. */
export function raiseLimits(): void {
  mkdirSync(before, { recursive: true })
  for (const [name, value] of Object.entries(wanted)) {
    const was = readFileSync(pathOf(name), 'utf8')
    if (Number(was) >= value) continue
    writeFileSync(join(before, name), was)
    writeFileSync(pathOf(name), `${value}\n`)
  }
}

/** Gives everything the value that it had before the first host. Called under the machine's lock, when no host is left. */
export function restoreLimits(): void {
  if (!existsSync(before)) return
  for (const name of readdirSync(before)) writeFileSync(pathOf(name), readFileSync(join(before, name), 'utf8'))
  rmSync(before, { recursive: true })
}

function pathOf(name: string): string {
  return join('/proc/sys', name.replaceAll('.', '/'))
}
