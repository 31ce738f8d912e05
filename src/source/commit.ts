import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TasksError } from '../core/errors.ts'
import { firstCommitHint } from './first-commit.ts'
import { GitFailure, git, type Repository, repositoryAt } from './git.ts'

/** One commit of a local repository, as a release is made from it. */
export interface Commit {
  readonly repository: Repository
  /** All the hexadecimal digits. */
  readonly id: string
  /** The first line of its message. */
  readonly subject: string
  /** What was asked for: `HEAD`, `main`, `v1.2`. */
  readonly ref: string
  /** Paths with uncommitted changes, as `git status` has them; what is in the commit is not affected. */
  readonly uncommitted: readonly string[]
}

/** Resolves a branch, tag or commit. Rejects with a TasksError that names what was asked for. */
export async function commitAt(folder: string, ref: string): Promise<Commit> {
  // Git is asked at once for all; where it is no repository, that is what is told.
  const asked = Promise.all([headOf(folder, ref), uncommittedPaths(folder)])
  asked.catch(() => undefined)
  const repository = await repositoryAt(folder)
  const [{ id, subject }, uncommitted] = await asked
  return { repository, id, ref, subject, uncommitted }
}

/**
 * A commit of the work tree as it is now, ignored files left out. The person's index, branches and stash stay as they are;
 * the same work tree gives the same commit again.
 */
export async function commitOfWorkTree(folder: string): Promise<Commit> {
  const head = await commitAt(folder, 'HEAD')
  if (head.uncommitted.length === 0) return head
  const top = head.repository.top ?? folder
  const tree = await treeOfWorkTree(head.repository, top)
  const date = (await git(['show', '-s', '--format=%cI', 'HEAD'], { cwd: folder })).toString().trim()
  const subject = `Uncommitted changes on top of ${head.id.slice(0, 12)}`
  const id = (await git(['commit-tree', tree, '-p', head.id, '-m', subject], { cwd: folder, env: signature(date) }))
    .toString()
    .trim()
  return { ...head, id, subject, ref: 'work tree' }
}

async function headOf(folder: string, ref: string): Promise<Pick<Commit, 'id' | 'subject'>> {
  const words = ['show', '-s', '--no-show-signature', '--format=%H%n%s', '--end-of-options', `${ref}^{commit}`]
  const said = await git(words, { cwd: folder }).catch(async (cause: unknown) => {
    throw await unknownRef(folder, ref, cause)
  })
  const [id = '', subject = ''] = said.toString().split('\n')
  return { id, subject }
}

async function uncommittedPaths(folder: string): Promise<readonly string[]> {
  const said = await git(['status', '--porcelain', '-z', '--no-renames', '--', '.'], { cwd: folder })
  return said
    .toString()
    .split('\0')
    .filter(Boolean)
    .map((line) => line.slice(3))
}

async function treeOfWorkTree(repository: Repository, top: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tasks-index-'))
  try {
    const env = { GIT_INDEX_FILE: join(folder, 'index') }
    await copyFile(join(repository.gitDir, 'index'), env.GIT_INDEX_FILE).catch(() => undefined) // a new repository has none
    await git(['add', '--all'], { cwd: top, env })
    return (await git(['write-tree'], { cwd: top, env })).toString().trim()
  } finally {
    await rm(folder, { recursive: true })
  }
}

function signature(date: string): Readonly<Record<string, string>> {
  const [name, email] = ['tasks', 'tasks@localhost']
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  }
}

async function unknownRef(folder: string, ref: string, cause: unknown): Promise<TasksError> {
  const isFirst = ref === 'HEAD' && cause instanceof GitFailure
  return new TasksError({
    code: 'usage',
    message: isFirst
      ? 'Cannot deploy "HEAD", because the repository has no commit yet.'
      : `Cannot deploy "${ref}", because the repository has no such branch, tag or commit.`,
    hint: isFirst ? await firstCommitHint(folder, { isRepository: true }) : 'run: git branch --all; git tag',
    cause,
  })
}
