import {
  closeSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { TasksError } from '../core/errors.ts'

/** A file that is to be. */
export interface Draft {
  /** Relative to the folder that all are in. */
  readonly path: string
  readonly text: string
  readonly mode?: number
  /** Whether it may take the place of another. */
  readonly replaces?: boolean
}

/**
 * Puts files into their places: all of them, or none. They are made in a folder beside, where `isRight` looks at them (and throws, where
 * they are not); nobody sees half a file, and none that was there is lost. Throws a TasksError (`failed`) that names what is in the way.
 */
export async function place(
  root: string,
  drafts: readonly Draft[],
  isRight: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = draftsFolder(root)
  try {
    for (const draft of drafts) write(path.join(folder, draft.path), draft)
    await isRight(folder)
    putAll(root, folder, drafts)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function draftsFolder(root: string): string {
  try {
    return mkdtempSync(path.join(root, '.tasks-init-'))
  } catch (cause) {
    throw refused(root, cause)
  }
}

function write(file: string, { text, mode }: Draft): void {
  mkdirSync(path.dirname(file), { recursive: true })
  const handle = openSync(file, 'wx', mode)
  try {
    if (mode !== undefined) fchmodSync(handle, mode) // whatever the umask takes away
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function putAll(root: string, folder: string, drafts: readonly Draft[]): void {
  const undo: (() => void)[] = []
  for (const draft of drafts) {
    const to = path.join(root, draft.path)
    try {
      const made = mkdirSync(path.dirname(to), { recursive: true })
      if (made !== undefined) undo.push(() => removeFolders(path.dirname(to), made))
      undo.push(put(path.join(folder, draft.path), to, draft.replaces === true))
    } catch (cause) {
      for (const step of undo.reverse()) step()
      throw refused(to, cause)
    }
  }
}

/** Gives what takes it back. */
function put(from: string, to: string, replaces: boolean): () => void {
  const old = `${from}.before`
  if (!replaces || !isThere(to)) {
    linkNew(from, to)
    return () => rmSync(to)
  }
  renameSync(to, old)
  try {
    renameSync(from, to)
  } catch (cause) {
    renameSync(old, to)
    throw cause
  }
  return () => renameSync(old, to)
}

/** Unlike a rename, a link fails where something is in the place; some disks have none. */
function linkNew(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'EEXIST' || isThere(to)) throw cause
    renameSync(from, to)
  }
}

function isThere(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined
}

function removeFolders(lowest: string, highest: string): void {
  for (let folder = lowest; folder.length >= highest.length; folder = path.dirname(folder)) rmdirSync(folder)
}

function refused(file: string, cause: unknown): TasksError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const because: Readonly<Record<string, string>> = {
    EEXIST: 'something is in its place',
    EACCES: 'you may not write there',
    EPERM: 'you may not write there',
    EROFS: 'its disk is read-only',
    ENOSPC: 'its disk is full',
    ENOTDIR: 'a folder of its path is a file',
  }
  return new TasksError({
    code: 'failed',
    message: `Cannot write ${JSON.stringify(file)}, because ${because[code] ?? `its disk says ${code}`}; nothing was written.`,
    cause,
  })
}
