import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { App } from '../core/app.ts'
import { checkedConfig } from './check.ts'
import { completeApp, type Note } from './complete-app.ts'
import type { ConfigFile } from './config-file.ts'
import { findConfig, namedConfig } from './find.ts'
import { type Door, moduleLoader } from './load-module.ts'
import { readConfig } from './read.ts'

export interface LoadedApp {
  readonly app: App
  readonly notes: readonly Note[]
  /** Whether there is an application: a config, or a `manage.py`. */
  readonly hasProject: boolean
}

interface LoadOptions {
  readonly cwd: string
  /** What `--config` named. */
  readonly config?: string | undefined
  readonly door: Door
}

/** The app that the config at `cwd` or above it describes, or that is detected where there is none. Throws `config` and `usage` errors. */
export async function loadApp({ cwd, config, door }: LoadOptions): Promise<LoadedApp> {
  const file = config === undefined ? await findConfig(cwd) : await namedConfig(config, cwd)
  if (file === undefined) return await detectedApp(cwd)
  const name = configName(file, cwd)
  const root = path.dirname(file.path)
  const said = await readConfig(file, { name, load: moduleLoader(door) })
  return { ...completeApp(checkedConfig(said, name), { root, configFile: file.path }), hasProject: true }
}

/** How the file is called in messages: as short as the person could type it. */
export function configName(file: Pick<ConfigFile, 'path'>, cwd: string): string {
  const relative = path.relative(cwd, file.path)
  return relative.startsWith('../../..') ? file.path : relative
}

async function detectedApp(cwd: string): Promise<LoadedApp> {
  const root = await projectFolder(path.resolve(cwd))
  const nothing = checkedConfig({}, 'tasks.config.ts')
  return { ...completeApp(nothing, { root: root ?? path.resolve(cwd) }), hasProject: root !== undefined }
}

/** The folder that has a `manage.py`, or one a little below it; else a folder above that has it, up to the repository's. */
async function projectFolder(cwd: string): Promise<string | undefined> {
  if (await hasManagePy(cwd, 3)) return cwd
  for (let folder = cwd; !existsSync(path.join(folder, '.git')); folder = path.dirname(folder)) {
    const above = path.dirname(folder)
    if (above === folder) return undefined
    if (existsSync(path.join(above, 'manage.py'))) return above
  }
  return undefined
}

async function hasManagePy(folder: string, depth: number): Promise<boolean> {
  if (existsSync(path.join(folder, 'manage.py'))) return true
  if (depth === 0) return false
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const isSource = entry.isDirectory() && !/^\.|^(node_modules|venv|virtualenv|site-packages)$/.test(entry.name)
    if (isSource && (await hasManagePy(path.join(folder, entry.name), depth - 1))) return true
  }
  return false
}
