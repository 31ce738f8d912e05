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
