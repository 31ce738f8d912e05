import { TasksError } from '../core/errors.ts'
import type { Commit } from './commit.ts'
import { git } from './git.ts'

/** Something that a commit holds. */
export interface TreeEntry {
  /** Relative to the tree, with `/` between its parts. */
  readonly path: string
  readonly kind: 'file' | 'link' | 'folder' | 'submodule'
  readonly id: string
  /** In bytes; 0 for what has no content of its own. */
  readonly size: number
}

/** The name of the project's folder in a commit, for git: `1a2b…:web`. */
export function treeName({ id, repository }: Commit): string {
  return `${id}:${repository.prefix.replace(/\/$/, '')}`
}

/** All that is in a tree or commit, folders too, in git's order. Costs one start of git. */
export async function entriesOf(repository: string, tree: string): Promise<readonly TreeEntry[]> {
  const words = ['ls-tree', '-r', '-t', '-l', '-z', '--full-tree', tree]
  const said = await git(words, { cwd: repository }).catch((cause: unknown) => {
    throw unread(repository, cause)
  })
  return said.toString().split('\0').filter(Boolean).map(entry)
}

/** Folders that are other repositories: a release does not get their files. */
export function submodulesIn(entries: readonly TreeEntry[]): readonly string[] {
  return entries.filter(({ kind }) => kind === 'submodule').map(({ path }) => path)
}

/** What the entries take where they are checked out, in blocks of 4 KiB. */
export function sizeOf(entries: readonly TreeEntry[]): { readonly kib: number; readonly files: number } {
  const kib = entries.reduce((sum, { size }) => sum + 4 * Math.max(1, Math.ceil(size / 4096)), 0)
  return { kib, files: entries.length }
}

/** One record of `ls-tree -l`: mode, type, id and size, a tab, the path. */
function entry(record: string): TreeEntry {
  const tab = record.indexOf('\t')
  const [mode = '', , id = '', size] = record.slice(0, tab).split(/ +/)
  return { path: record.slice(tab + 1), kind: kindOf(mode), id, size: Number(size) || 0 }
}

function kindOf(mode: string): TreeEntry['kind'] {
  if (mode.startsWith('100')) return 'file'
  if (mode === '120000') return 'link'
  return mode === '160000' ? 'submodule' : 'folder'
}

function unread(repository: string, cause: unknown): TasksError {
  const said = cause instanceof Error ? cause.message : ''
  const because = said.replace(/^fatal: /, '').split('\n')[0] ?? ''
  return new TasksError({
    code: 'config',
    message: `Cannot read the commit to deploy from "${repository}", because git says: ${because.replace(/\.?$/, '.')}`,
    hint: "run the deploy in the project's git repository, after a first commit",
    cause,
  })
}
