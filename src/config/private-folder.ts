import { chmodSync, lstatSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

/** A folder of ours in the person's cache that nobody else can write to; nothing where there can be no such folder. */
export function privateFolder(part = ''): string | undefined {
  const caches = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache')
  const ours = path.join(caches, 'tasks-ssh')
  const folder = path.join(ours, part)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return isPrivate(ours) && isPrivate(folder) ? folder : undefined
  } catch {
    return undefined
  }
}

function isPrivate(folder: string): boolean {
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== process.getuid?.()) return false
  if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700)
  return true
}
