import { lstatSync } from 'node:fs'
import path from 'node:path'
import { cosmiconfig, defaultLoaders } from 'cosmiconfig'
import { TasksError } from '../core/errors.ts'

/** A config file that was found, and not yet read: reading one may run code and load a compiler. */
export interface ConfigFile {
  readonly path: string
  readonly kind: 'module' | 'json' | 'yaml' | 'package'
}

/** The nearest config at `cwd` or above it. */
export async function findConfig(cwd: string): Promise<ConfigFile | undefined> {
  for (const folder of foldersUpFrom(cwd)) {
    const found = await explorer().search(folder)
    if (found !== null) return found.config as ConfigFile // made by our loaders below
  }
  return undefined
}

/** The config file that `--config` names. Throws a `usage` error where there is none. */
export async function namedConfig(file: string, cwd: string): Promise<ConfigFile> {
  const full = path.resolve(cwd, file)
  const found = await explorer()
    .load(full)
    .catch((cause: unknown) => {
      throw new TasksError({
        code: 'usage',
        message: `Cannot read the config ${JSON.stringify(file)}, because ${reasonOf(cause)}.`,
        cause,
      })
    })
  return (found?.config as ConfigFile | undefined) ?? { path: full, kind: 'module' }
}

/** What a YAML text says; throws what says the line where it is broken. */
export function parsedYaml(file: string, text: string): unknown {
  return defaultLoaders['.yaml'](file, text)
}

const searchPlaces = [
  ...['ts', 'mts', 'js', 'mjs', 'json', 'yaml'].map((ending) => `tasks.config.${ending}`),
  ...['', '.json', '.yaml'].map((ending) => `.tasksrc${ending}`),
  'package.json',
]

function explorer() {
  const as = (kind: ConfigFile['kind']) => (file: string) => ({ path: file, kind }) satisfies ConfigFile
  return cosmiconfig('tasks', {
    searchPlaces,
    searchStrategy: 'none',
    cache: false,
    loaders: {
      '.ts': as('module'),
      '.mts': as('module'),
      '.js': as('module'),
      '.mjs': as('module'),
      '.yaml': as('yaml'),
      '.yml': as('yaml'),
      noExt: as('yaml'),
      '.json': (file, text) => (path.basename(file) === 'package.json' ? inPackage(file, text) : as('json')(file)),
    },
  })
}

/** Cosmiconfig takes the value of `tasks` out of what is read of a package.json. */
function inPackage(file: string, text: string): { readonly tasks?: ConfigFile } {
  try {
    const manifest: unknown = JSON.parse(text)
    const hasTasks = typeof manifest === 'object' && manifest !== null && 'tasks' in manifest
    return hasTasks ? { tasks: { path: file, kind: 'package' } } : {}
  } catch {
    return {} // somebody else's broken package.json, somewhere above
  }
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
