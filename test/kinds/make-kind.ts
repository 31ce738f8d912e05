import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Files } from './files.ts'
import type { Kind } from './kinds.ts'

const run = promisify(execFile)

/** Writes a project of this kind into the folder, and commits it there as the only commit of a new repository. */
export async function makeKind(kind: Pick<Kind, 'name' | 'files'>, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await git(folder, 'init', '--quiet', '--initial-branch=main')
  await commitFiles(folder, kind.files, `A project of the kind ${kind.name}`)
}

/** Writes the files and commits all that is in the folder; ignored files too, where they are given. */
export async function commitFiles(folder: string, files: Files, message: string): Promise<void> {
  await writeFiles(folder, files)
  await git(folder, 'add', '--force', '--', ...Object.keys(files))
  await git(folder, 'commit', '--quiet', `--message=${message}`)
}

/** Writes files, and the folders that they are in. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

/** The developer's own git settings (signing, hooks, templates) stay out of it. */
async function git(folder: string, ...words: readonly string[]): Promise<void> {
  const identity = ['-c', 'user.name=Edith', '-c', 'user.email=edith@example.com']
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' }
  await run('git', [...identity, ...words], { cwd: folder, env })
}
