import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

interface Contents {
  readonly folder: string
  /** Requirements, each with its version. */
  readonly packages: readonly string[]
}

/** Makes FOLDER/virtualenv with these packages. Where it was made before, with the same ones, no program is started. */
export async function virtualenv({ folder, packages }: Contents): Promise<void> {
  const done = join(folder, 'installed')
  const wanted = packages.join(' ')
  if ((await readFile(done, 'utf8').catch(() => undefined)) === wanted) return
  await mkdir(folder, { recursive: true })
  await rm(join(folder, 'virtualenv'), { recursive: true, force: true })
  await run('python3', ['-m', 'venv', join(folder, 'virtualenv')])
  await run(program(folder, 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages])
  await writeFile(done, wanted)
}

/** The path of a program in FOLDER/virtualenv. */
export function program(folder: string, name: string): string {
  return join(folder, 'virtualenv/bin', name)
}

const run = promisify(execFile)
