import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TasksError } from '../core/errors.ts'
import type { Commit } from './commit.ts'
import { git } from './git.ts'

/** The name that a bundle gives its commit. */
export const bundledRef = 'refs/heads/bundled'

/**
 * A git bundle of a commit, without what the host says it has. Written here rather than by `git bundle create`, which wants a
 * branch for each commit: a header, and a thin pack.
 */
export async function bundleOf(commit: Commit, hostHas: string): Promise<Uint8Array> {
  const cwd = commit.repository.gitDir
  const known = await commitsKnownHere(cwd, hostHas)
  const wanted = [commit.id, ...known.map((id) => `^${id}`)].join('\n')
  const pack = await git(['pack-objects', '--revs', '--stdout', '--thin', '--delta-base-offset', '--quiet'], {
    cwd,
    input: `${wanted}\n`,
  }).catch((cause: unknown) => {
    throw unreadable(commit, cause)
  })
  const header = ['# v2 git bundle', ...known.map((id) => `-${id}`), `${commit.id} ${bundledRef}`, '', ''].join('\n')
  return Buffer.concat([Buffer.from(header), pack])
}

/** Commits whose parents a shallow clone lacks: the host must know that they are missing on purpose. */
export async function shallowCommits(commit: Commit): Promise<readonly string[]> {
  const text = await readFile(join(commit.repository.commonDir, 'shallow'), 'utf8').catch(() => '')
  return text.split('\n').filter(Boolean)
}

async function commitsKnownHere(cwd: string, hostHas: string): Promise<readonly string[]> {
  const named = [...new Set(hostHas.match(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g))]
  if (named.length === 0) return []
  const said = await git(['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
    cwd,
    input: `${named.join('\n')}\n`,
  })
  return said
    .toString()
    .split('\n')
    .filter((line) => line.endsWith(' commit'))
    .map((line) => line.slice(0, -' commit'.length))
}

function unreadable(commit: Commit, cause: unknown): TasksError {
  const output = cause instanceof Error ? cause.message : undefined
  return new TasksError({
    code: 'failed',
    message: `Cannot pack the commit ${commit.id.slice(0, 12)}, because git cannot read all of it.`,
    hint: 'run: git fsck',
    output,
    cause,
  })
}
