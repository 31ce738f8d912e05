import { execFile } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Puts the benchmark's project into a folder, as a repository of one commit: each tool has one of its own. */
export async function projectIn(folder: string): Promise<void> {
  await cp(join(import.meta.dirname, 'project'), folder, {
    recursive: true,
    filter: (path) => !/__pycache__/.test(path),
  })
  await git(folder, 'init', '--quiet', '--initial-branch=main')
  await commit(folder, 'The project')
}

/** One line of code is new. */
export async function changeCode(folder: string, word: string): Promise<void> {
  await writeFile(join(folder, 'bench_site/version.py'), `VERSION = "${word}"\n`)
  await commit(folder, `Say ${word}`)
}

/** One package is another: of two versions that hosts have in their cache. */
export async function changePackage(folder: string): Promise<void> {
  const path = join(folder, 'requirements.txt')
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.includes(one) ? text.replace(one, other) : text.replace(other, one))
  await commit(folder, 'Another idna')
}

const one = 'idna==3.19'
const other = 'idna==3.10'

async function commit(folder: string, message: string): Promise<void> {
  await git(folder, 'add', '--all')
  await git(folder, 'commit', '--quiet', `--message=${message}`)
}

async function git(cwd: string, ...words: readonly string[]): Promise<void> {
  const author = ['-c', 'user.name=Bench', '-c', 'user.email=bench@localhost']
  await promisify(execFile)('git', [...author, ...words], { cwd })
}
