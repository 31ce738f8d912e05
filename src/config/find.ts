import { existsSync, lstatSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { TasksError } from '../core/errors.ts'
import { type ConfigFile, moduleNames, otherNames } from './config-file.ts'

/** The nearest config at `cwd` or above it. */
export async function findConfig(cwd: string): Promise<ConfigFile | undefined> {
  for (const folder of foldersUpFrom(cwd)) {
    const found = moduleIn(folder) ?? (await otherIn(folder))
    if (found !== undefined) return found
  }
  return undefined
}

/** A module is read by what runs it: a start need not wait for what can tell the other kinds apart. */
function moduleIn(folder: string): ConfigFile | undefined {
  const file = moduleNames.map((name) => path.join(folder, name)).find((one) => existsSync(one))
  return file !== undefined && saysSomething(file) ? { path: file, kind: 'module' } : undefined
}

function saysSomething(file: string): boolean {
  try {
    return readFileSync(file, 'utf8').trim() !== ''
  } catch {
    return false
  }
}

async function otherIn(folder: string): Promise<ConfigFile | undefined> {
  if (![...moduleNames, ...otherNames].some((name) => existsSync(path.join(folder, name)))) return undefined
  const { search } = await import('./explorer.ts')
  return await search(folder)
}

/** The config file that `--config` names. Throws a `usage` error where there is none. */
export async function namedConfig(file: string, cwd: string): Promise<ConfigFile> {
  const full = path.resolve(cwd, file)
  const { load } = await import('./explorer.ts')
  const found = await load(full).catch((cause: unknown) => {
    throw new TasksError({
      code: 'usage',
      message: `Cannot read the config ${JSON.stringify(file)}, because ${reasonOf(cause)}.`,
      cause,
    })
  })
  return found ?? { path: full, kind: 'module' }
}

/** From `cwd` upwards, without folders above it that anybody may write to: a config there would be anybody's code. */
function foldersUpFrom(cwd: string): readonly string[] {
  const folders: string[] = [path.resolve(cwd)]
  for (let above = path.dirname(path.resolve(cwd)); above !== folders.at(-1); above = path.dirname(above))
    folders.push(above)
  return folders.filter((folder, index) => index === 0 || (lstatSync(folder).mode & 0o002) === 0)
}

function reasonOf(cause: unknown): string {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a folder'
  if (code === 'EACCES') return 'you may not read it'
  return 'no config can be in a file of this name'
}
