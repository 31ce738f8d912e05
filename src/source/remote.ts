import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { sha256 } from '../core/data.ts'
import { TasksError } from '../core/errors.ts'
import type { Commit } from './commit.ts'
import { git } from './git.ts'

/** A commit of a repository elsewhere: its files are fetched to a cache, to be looked at; the host clones it by itself. */
export async function commitOfRemote(url: string, ref: string): Promise<Commit> {
  const gitDir = join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    'tasks',
    'repositories',
    `${sha256(url).slice(0, 16)}.git`,
  )
  await mkdir(gitDir, { recursive: true })
  await git(['init', '--quiet', '--bare', gitDir], { cwd: gitDir })
  await git(['fetch', '--quiet', '--depth', '1', '--end-of-options', url, ref], { cwd: gitDir }).catch(
    (cause: unknown) => {
      throw unreachable(url, ref, cause)
    },
  )
  const [id = '', subject = ''] = (await git(['show', '-s', '--format=%H%n%s', 'FETCH_HEAD'], { cwd: gitDir }))
    .toString()
    .split('\n')
  return { repository: { gitDir, commonDir: gitDir, top: undefined, prefix: '' }, id, subject, ref, uncommitted: [] }
}

function unreachable(url: string, ref: string, cause: unknown): TasksError {
  const output = cause instanceof Error ? cause.message : undefined
  return new TasksError({
    code: 'failed',
    message: `Cannot fetch "${ref}" from ${url.replace(/\/\/[^/@]*@/, '//***@')}, because git refuses it.`,
    hint: 'try it: git ls-remote, with the URL of app.repository',
    output,
    cause,
  })
}
