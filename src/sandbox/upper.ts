import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** One thing in a host's upper folder. A whiteout stands for something deleted from a layer below. */
export interface UpperEntry {
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink' | 'whiteout' | 'other'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  /** SHA-256 of a file's content, a symlink's target. */
  readonly content: string
}

/**
 * What a host's own system writes while nobody asks it anything: the journal, login records, stamps of timers, private temporary
 * folders of units (new at each boot), and what APT's own daily timer leaves. A test that a host is untouched leaves out just these.
 */
export const idlePaths: readonly RegExp[] = [
  /^\/var\/log\/journal\//,
  /^\/var\/log\/(wtmp|btmp|lastlog)/,
  /^\/var\/lib\/(wtmpdb|lastlog)\//,
  /^\/var\/lib\/systemd\/(timers|timesync|random-seed)/,
  /^\/(var\/)?tmp\/systemd-private-/,
  /^\/var\/lib\/apt\/(daily_lock|periodic)/,
]

/** All that a host differs in from the layers under it, sorted by path, but for the given paths and what is below them. */
export function upperEntries(upper: string, exclude: readonly RegExp[] = []): readonly UpperEntry[] {
  const found: UpperEntry[] = []
  const visit = (folder: string) => {
    for (const name of readdirSync(join(upper, folder)).sort()) {
      const path = `${folder}/${name}`
      if (exclude.some((pattern) => pattern.test(path))) continue
      const entry = described(upper, path)
      found.push(entry)
      if (entry.type === 'directory') visit(path)
    }
  }
  visit('')
  return found
}

function described(upper: string, path: string): UpperEntry {
  const at = join(upper, path)
  const stat = lstatSync(at)
  const type = kind(stat)
  const content = type === 'file' ? hash(readFileSync(at)) : type === 'symlink' ? readlinkSync(at) : ''
  const size = type === 'file' ? stat.size : 0
  return { path, type, mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid, size, content }
}

function kind(stat: ReturnType<typeof lstatSync>): UpperEntry['type'] {
  if (!stat) return 'other'
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  if (stat.isSymbolicLink()) return 'symlink'
  return stat.isCharacterDevice() && Number(stat.rdev) === 0 ? 'whiteout' : 'other'
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
