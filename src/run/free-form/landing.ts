import type { Stats } from 'node:fs'
import { chmod, lstat, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { TasksError } from '../../core/errors.ts'
import { unpack } from './local-tar.ts'
import { isSystemError } from './system-error.ts'

/** Where something that is fetched comes together on this machine, before it takes its place. */
export interface Landing {
  /** Writes all of it, as nobody but this user can see it yet. */
  readonly file: (chunks: AsyncIterable<Uint8Array>, mode: number) => Promise<void>
  readonly folder: (archive: AsyncIterable<Uint8Array>) => Promise<void>
  /** Lets it take the target's place. */
  readonly settle: () => Promise<void>
  /** Leaves nothing but the target. */
  readonly clear: () => Promise<void>
}

interface Options {
  /** `Cannot get "/srv/x" from "web1"` */
  readonly cannot: string
  readonly kind: 'file' | 'folder'
  readonly isReplacing: boolean
}

/** Makes a private folder beside the target. Throws a TasksError where the target cannot be taken. */
export async function landingAt(target: string, { cannot, kind, isReplacing }: Options): Promise<Landing> {
  const parent = dirname(target)
  const name = basename(target)
  const explained = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => Promise.reject(unwritable(cannot, target, error)))
  await explained(sweep(parent))
  const look = async () => refuseTaken(await lstatOf(target), { cannot, target, kind, isReplacing })
  await look()
  const work = await explained(mkdtemp(join(parent, prefix)))
  await explained(writeFile(join(work, 'holder'), JSON.stringify({ pid: process.pid, machine: hostname(), name })))
  const fresh = join(work, 'new')
  return {
    file: (chunks, mode) => explained(written(fresh, chunks, mode)),
    async folder(archive) {
      await explained(mkdir(fresh))
      await explained(unpack(archive, { cannot, folder: fresh }))
    },
    async settle() {
      // Somebody else may have come first meanwhile
      await look()
      await explained(kind === 'file' ? rename(fresh, target) : settled(fresh, target, join(work, 'old')))
    },
    clear: () => remove(work),
  }
}

const prefix = '.tasks-get-'

async function written(path: string, chunks: AsyncIterable<Uint8Array>, mode: number): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of chunks) await file.writeFile(chunk)
    await file.chmod(mode)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A folder that may not be written to cannot be moved; and two renames are not one. */
async function settled(fresh: string, target: string, old: string): Promise<void> {
  const { mode } = await lstat(fresh)
  const isClosed = (mode & 0o200) === 0
  if (isClosed) await chmod(fresh, mode | 0o200)
  const isTaken = (await lstatOf(target)) !== undefined
  if (isTaken) await rename(target, old)
  try {
    await rename(fresh, target)
  } catch (error) {
    if (isTaken) await rename(old, target)
    throw error
  }
  if (isClosed) await chmod(target, mode)
}

function refuseTaken(
  found: Stats | undefined,
  { cannot, target, kind, isReplacing }: Options & { readonly target: string },
): void {
  const path = JSON.stringify(target)
  const refuse = (because: string, hint: string) =>
    new TasksError({ code: 'failed', message: `${cannot}, because ${because}.`, hint })
  if (found === undefined) return
  if (found.isDirectory()) {
    if (kind === 'folder' && isReplacing) return
    const hint = 'to have one folder take the place of another: replace: true; to have a file in it, name the file'
    throw refuse(`${path} is a folder here`, hint)
  }
  if (kind === 'folder') throw refuse(`${path} is here and no folder`, 'take it away first')
  if (!found.isFile() && !found.isSymbolicLink()) throw refuse(`${path} is no file here`, 'name another')
}

/** What a killed process left here: ours, of this machine, and of nobody that lives. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue
    const work = join(parent, name)
    const holder = await readFile(join(work, 'holder'), 'utf8').then(holderIn, () => undefined)
    if (holder === undefined || holder.machine !== hostname() || isAlive(holder.pid)) continue
    const target = join(parent, holder.name)
    const old = join(work, 'old')
    if ((await lstatOf(target)) === undefined && (await lstatOf(old)) !== undefined) await rename(old, target)
    await remove(work)
  }
}

interface Holder {
  readonly pid: number
  readonly machine: string
  readonly name: string
}

function holderIn(text: string): Holder | undefined {
  const { pid, machine, name } = JSON.parse(text) as Partial<Holder>
  if (typeof pid !== 'number' || typeof machine !== 'string' || typeof name !== 'string') return undefined
  return name.includes('/') ? undefined : { pid, machine, name }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isSystemError(error) && error.code === 'EPERM'
  }
}

/** A folder that may not be written to cannot be emptied, either. */
async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(async () => {
    await openUp(Buffer.from(path))
    await rm(path, { recursive: true, force: true })
  })
}

/** Names need not be text. */
async function openUp(folder: Buffer): Promise<void> {
  await chmod(folder, 0o700)
  for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' })) {
    if (entry.isDirectory()) await openUp(Buffer.concat([folder, Buffer.from('/'), entry.name]))
  }
}

async function lstatOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined)
}

function unwritable(cannot: string, target: string, error: unknown): unknown {
  if (!isSystemError(error)) return error
  const folder = JSON.stringify(dirname(target))
  const because = {
    ENOENT: `the folder ${folder} does not exist on this machine`,
    ENOTDIR: `${folder} is no folder on this machine`,
    EACCES: `you may not write in ${folder} on this machine`,
    ENOSPC: 'the disk of this machine is full',
  }[error.code ?? '']
  return new TasksError({
    code: 'failed',
    message: `${cannot}, because ${because ?? `this machine says: ${error.message}`}.`,
    cause: error,
  })
}
