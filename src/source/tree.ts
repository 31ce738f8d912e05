import type { Commit } from './commit.ts'
import { git } from './git.ts'

/** The name of the project's folder in a commit, for git: `1a2b…:web`. */
export function treeName({ id, repository }: Commit): string {
  return `${id}:${repository.prefix.replace(/\/$/, '')}`
}

/** Folders of the commit that are other repositories: a release does not get their files. */
export async function submodulesOf(commit: Commit): Promise<readonly string[]> {
  const said = await git(['ls-tree', '-r', '-z', '--full-tree', treeName(commit)], { cwd: commit.repository.gitDir })
  return said
    .toString()
    .split('\0')
    .filter((entry) => entry.startsWith('160000 '))
    .map((entry) => entry.slice(entry.indexOf('\t') + 1))
}

/** What the project's files take where they are checked out, in blocks of 4 KiB. */
export async function treeSize(commit: Commit): Promise<{ readonly kib: number; readonly files: number }> {
  const said = await git(['ls-tree', '-r', '-t', '-l', '-z', '--full-tree', treeName(commit)], {
    cwd: commit.repository.gitDir,
  })
  const sizes = said
    .toString()
    .split('\0')
    .filter(Boolean)
    .map((entry) => Number(entry.slice(0, entry.indexOf('\t')).split(/ +/)[3]) || 0)
  return { kib: sizes.reduce((sum, size) => sum + 4 * Math.max(1, Math.ceil(size / 4096)), 0), files: sizes.length }
}
