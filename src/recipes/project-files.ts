import { readFileSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { git } from '../source/git.ts'
import type { TreeEntry } from '../source/tree.ts'

/** A read-only view of a project, for finding out what it is. Paths are relative, with `/` between their parts. */
export interface ProjectFiles {
  /** Every file, sorted; folders and symbolic links are not in it. */
  list(): readonly string[]
  /** A file's text, or undefined where there is none; files that are not worth reading (large, binary) count as none. */
  read(path: string): string | undefined
}

/** The files among what a commit holds, whatever the work tree does. Costs one start of git. */
export async function committedFiles(repository: string, entries: readonly TreeEntry[]): Promise<ProjectFiles> {
  const files = entries.filter(({ kind }) => kind === 'file')
  const read = files.filter(({ path, size }) => isTelling(path, size))
  const input = read.map(({ id }) => `${id}\n`).join('')
  const texts = blobs(await git(['cat-file', '--batch'], { cwd: repository, input }))
  return view(
    files.map(({ path }) => path),
    new Map(read.map(({ path }, index) => [path, texts[index] ?? ''])),
  )
}

/** The files of a folder as they are now, without those that were installed there; of a folder that has no end, those nearest to its top. */
export async function folderFiles(folder: string): Promise<ProjectFiles> {
  const paths: string[] = []
  const folders = ['']
  for (const inside of folders) {
    const entries = await readdir(join(folder, inside), { withFileTypes: true }).catch(() => [])
    paths.push(...entries.filter((entry) => entry.isFile()).map(({ name }) => inside + name))
    const below = entries.filter((entry) => entry.isDirectory() && !installed.test(entry.name))
    if (folders.length < mostFolders) folders.push(...below.map(({ name }) => `${inside}${name}/`))
  }
  const sorted = paths.sort()
  const known = new Set(paths)
  return { list: () => sorted, read: (path) => (known.has(path) ? telling(join(folder, path), path) : undefined) }
}

const installed = /^(\.git|\.hg|\.tox|\.?venv|\.?virtualenv|node_modules|site-packages|__pycache__)$/
const mostFolders = 2000

function telling(file: string, path: string): string | undefined {
  try {
    return isTelling(path, statSync(file).size) ? readFileSync(file, 'utf8') : undefined
  } catch {
    return undefined // not ours to read, or gone meanwhile
  }
}

/** Texts held in memory; every one of them can be read. */
export function givenFiles(texts: Readonly<Record<string, string>>): ProjectFiles {
  return view(Object.keys(texts), new Map(Object.entries(texts)))
}

/** The files below one folder, as if it were the root. */
export function filesBelow(files: ProjectFiles, folder: string): ProjectFiles {
  if (folder === '.' || folder === '') return files
  const prefix = `${posix.normalize(folder).replace(/\/$/, '')}/`
  const paths = files.list().filter((path) => path.startsWith(prefix))
  return {
    list: () => paths.map((path) => path.slice(prefix.length)),
    read: (path) => files.read(prefix + path),
  }
}

function view(paths: readonly string[], texts: ReadonlyMap<string, string>): ProjectFiles {
  const sorted = [...paths].sort()
  return { list: () => sorted, read: (path) => texts.get(path) }
}

const readable = /\.(py|txt|in|toml|cfg|ini|ya?ml|json|lock|rb|ru|conf)$|(^|\/)(\.[^/]+|[^/.]+)$/

function isTelling(path: string, size: number): boolean {
  return size <= 256 * 1024 && readable.test(path)
}

/** The contents that `cat-file --batch` printed, each after a line with its id, type and size. */
function blobs(batch: Buffer): string[] {
  const texts: string[] = []
  for (let at = 0; at < batch.length; ) {
    const end = batch.indexOf('\n', at)
    const size = Number(batch.toString('latin1', at, end).split(' ')[2])
    texts.push(batch.toString('utf8', end + 1, end + 1 + size))
    at = end + 1 + size + 1
  }
  return texts
}
