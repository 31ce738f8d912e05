import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, lstat, open, readdir, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { TasksError } from '../../core/errors.ts'
import type { PutSource } from '../../core/free-form.ts'
import { packed } from './local-tar.ts'
import { isSystemError } from './system-error.ts'
import { TarCheck } from './tar-check.ts'

/** What is put, whatever it is made from. */
export interface Payload {
  readonly kind: 'file' | 'folder'
  /** Octal; a folder brings its own. */
  readonly mode?: string
  /** Bytes of the files in it, where they are known before it is read. */
  readonly total?: number
  /** What goes over the wire, as it is read. Throws a TasksError when it cannot be read whole. */
  readonly chunks: () => AsyncIterable<Uint8Array>
  /** What of it was read so far. */
  readonly count: () => { readonly files: number; readonly bytes: number }
}

interface Around {
  /** `Cannot put "dist" to "/srv/app" on "web1"` */
  readonly cannot: string
  readonly localFolder: string
}

/** Looks at a source without reading it. */
export async function payloadOf(source: PutSource, { cannot, localFolder }: Around): Promise<Payload> {
  if (typeof source !== 'string') return streamed(source)
  const path = resolve(localFolder, source)
  const found = await stat(path).catch((error: NodeJS.ErrnoException) =>
    Promise.reject(unreadable(cannot, path, error)),
  )
  if (found.isDirectory()) return folderAt(path, cannot)
  if (found.isFile()) return fileAt(path, { mode: found.mode, size: found.size, cannot })
  throw because(cannot, `${JSON.stringify(path)} is neither a file nor a folder`)
}

/** The permissions of a file without those that lend somebody's rights. */
const plainMode = (mode: number) => mode & 0o777

function streamed(source: Exclude<PutSource, string>): Payload {
  const isBytes = source instanceof Uint8Array
  let bytes = 0
  async function* chunks() {
    for await (const chunk of isBytes ? [source] : source) {
      // A stream with an encoding gives texts, whatever its type says
      const exact = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      bytes += exact.length
      yield exact
    }
  }
  const total = isBytes ? { total: source.length } : {}
  return { kind: 'file', mode: '0644', ...total, chunks, count: () => ({ files: 1, bytes }) }
}

function fileAt(
  path: string,
  { mode, size, cannot }: { readonly mode: number; readonly size: number; readonly cannot: string },
): Payload {
  let bytes = 0
  async function* chunks() {
    for await (const chunk of bytesOf(path, cannot)) {
      bytes += chunk.length
      yield chunk
    }
  }
  const permissions = plainMode(mode).toString(8).padStart(4, '0')
  return { kind: 'file', mode: permissions, total: size, chunks, count: () => ({ files: 1, bytes }) }
}

const piece = 1 << 20

async function* bytesOf(path: string, cannot: string): AsyncGenerator<Uint8Array, void> {
  let file: FileHandle | undefined
  try {
    // Who puts a pipe in its place meanwhile must not make this wait for ever
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const before = await file.stat({ bigint: true })
    let count = 0
    while (true) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(piece), 0, piece)
      if (bytesRead === 0) break
      count += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
    if (hasChanged(before, await file.stat({ bigint: true })) || BigInt(count) !== before.size) throw changed(cannot)
  } catch (error) {
    throw isSystemError(error) ? unreadable(cannot, path, error) : error
  } finally {
    await file?.close()
  }
}

function hasChanged(before: BigIntStats, after: BigIntStats): boolean {
  return before.size !== after.size || before.mtimeNs !== after.mtimeNs || before.ctimeNs !== after.ctimeNs
}

async function folderAt(folder: string, cannot: string): Promise<Payload> {
  const check = new TarCheck({ cannot, mode: plainMode })
  const total = await sizeOf(Buffer.from(folder), cannot)
  const chunks = () => check.through(packed({ cannot, folder }))
  return { kind: 'folder', total, chunks, count: () => ({ files: check.files, bytes: check.bytes }) }
}

/** Names need not be text: they are bytes from the file system, and go back to it as they are. */
async function sizeOf(folder: Buffer, cannot: string): Promise<number> {
  let sum = 0
  try {
    for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' })) {
      const path = Buffer.concat([folder, Buffer.from('/'), entry.name])
      if (entry.isDirectory()) sum += await sizeOf(path, cannot)
      else if (entry.isFile()) sum += (await lstat(path)).size
      else if (!entry.isSymbolicLink())
        throw because(cannot, `${JSON.stringify(`${path}`)} is neither a file, a folder nor a link`)
    }
  } catch (error) {
    throw isSystemError(error) ? unreadable(cannot, `${folder}`, error) : error
  }
  return sum
}

function changed(cannot: string): TasksError {
  const hint = 'wait until nobody writes to it, and run it again'
  return new TasksError({ code: 'failed', message: `${cannot}, because it changed while it was read.`, hint })
}

function unreadable(cannot: string, path: string, error: NodeJS.ErrnoException): TasksError {
  if (error.code === 'ENOENT') return because(cannot, `${JSON.stringify(path)} does not exist on this machine`, error)
  if (error.code === 'EACCES') return because(cannot, `you may not read ${JSON.stringify(path)}`, error)
  return because(cannot, `this machine says: ${error.message}`, error)
}

function because(cannot: string, why: string, cause?: unknown): TasksError {
  return new TasksError({ code: 'failed', message: `${cannot}, because ${why}.`, cause })
}
