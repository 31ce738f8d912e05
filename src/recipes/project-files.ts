import { spawn } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, posix, sep } from 'node:path'
import { TasksError } from '../core/errors.ts'

/** A read-only view of a project, for finding out what it is. Paths are relative, with `/` between their parts. */
export interface ProjectFiles {
  /** Every file, sorted; folders and symbolic links are not in it. */
  list(): readonly string[]
  /** A file's text, or undefined where there is none; files that are not worth reading (large, binary) count as none. */
  read(path: string): string | undefined
}

/** The files of one commit, whatever the work tree holds. Costs two starts of git. */
export async function committedFiles(repository: string, commit: string): Promise<ProjectFiles> {
  const listing = await git(repository, ['ls-tree', '-r', '-z', '-l', '--full-tree', commit])
  const entries = listing.toString('utf8').split('\0').filter(Boolean).map(treeEntry)
  const files = entries.filter((entry) => entry.isFile)
  const read = files.filter((entry) => isTelling(entry.path, entry.size))
  const batch = await git(repository, ['cat-file', '--batch'], read.map((entry) => `${entry.id}\n`).join(''))
  const texts = blobs(batch)
  return view(
    files.map((entry) => entry.path),
    new Map(read.map((entry, index) => [entry.path, texts[index] ?? ''])),
  )
}

/** The files of a folder as they are now. */
export async function folderFiles(folder: string): Promise<ProjectFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, sep).length).split(sep).join('/'))
    .filter((path) => !path.startsWith('.git/'))
  const texts = new Map<string, string>()
  for (const path of paths) {
    const file = join(folder, path)
    if (isTelling(path, (await stat(file)).size)) texts.set(path, await readFile(file, 'utf8'))
  }
  return view(paths, texts)
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

/** One record of `ls-tree -l`: mode, type, id and size, a tab, the path. */
function treeEntry(record: string) {
  const tab = record.indexOf('\t')
  const [mode = '', , id = '', size = '0'] = record.slice(0, tab).split(/ +/)
  return { path: record.slice(tab + 1), id, size: Number(size), isFile: mode.startsWith('100') }
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

function git(repository: string, words: readonly string[], input = ''): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-C', repository, ...words], { stdio: ['pipe', 'pipe', 'pipe'] })
    const out: Buffer[] = []
    const said: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
    child.stdin.on('error', () => undefined)
    child.on('error', (cause) => reject(unread(repository, cause.message, cause)))
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out))
      else reject(unread(repository, Buffer.concat(said).toString('utf8').trim()))
    })
    child.stdin.end(input)
  })
}

function unread(repository: string, said: string, cause?: unknown): TasksError {
  const because = said.replace(/^fatal: /, '').split('\n')[0] ?? ''
  return new TasksError({
    code: 'config',
    message: `Cannot read the commit to deploy from "${repository}", because git says: ${because.replace(/\.?$/, '.')}`,
    hint: "run the deploy in the project's git repository, after a first commit",
    cause,
  })
}
