import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

interface Kept {
  readonly mode?: number
  /** The mode of the folder, where it is made for this file. */
  readonly folderMode?: number
  /** Owner and group of the file, and of the folder where it is made for it. */
  readonly uid?: number
}

/** Writes a file of a host from outside, replacing what is there: a symlink too, which could lead out of the host's root. */
export function writeInto(
  root: string,
  path: string,
  text: string,
  { mode = 0o644, folderMode = 0o755, uid = 0 }: Kept = {},
) {
  const target = join(root, path)
  const folder = dirname(target)
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, folderMode)
    chownSync(folder, uid, uid)
  }
  rmSync(target, { force: true })
  writeFileSync(target, text, { mode })
  chmodSync(target, mode)
  chownSync(target, uid, uid)
}
