import path from 'node:path'
import { cosmiconfig, defaultLoaders } from 'cosmiconfig'
import { type ConfigFile, moduleNames, otherNames } from './config-file.ts'

/** The first config in a folder that says something. */
export async function search(folder: string): Promise<ConfigFile | undefined> {
  return configOf(await explorer().search(folder))
}

/** The config file of that path; undefined where it says nothing. Rejects where it cannot be read. */
export async function load(file: string): Promise<ConfigFile | undefined> {
  return configOf(await explorer().load(file))
}

function configOf(found: { readonly config: unknown } | null): ConfigFile | undefined {
  return found?.config as ConfigFile | undefined // made by our loaders below
}

/** What a YAML text says; throws what says the line where it is broken. */
export function parsedYaml(file: string, text: string): unknown {
  return defaultLoaders['.yaml'](file, text)
}

function explorer() {
  const as = (kind: ConfigFile['kind']) => (file: string) => ({ path: file, kind }) satisfies ConfigFile
  return cosmiconfig('tasks', {
    searchPlaces: [...moduleNames, ...otherNames],
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
