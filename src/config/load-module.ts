import { chmodSync, lstatSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import path from 'node:path'

/** What the project's modules may import by our own names, whether or not the program is installed there. */
export type Door = () => Promise<Readonly<Record<string, unknown>>>

/**
 * Runs a TypeScript or JavaScript module of the project and gives what it exports. It may import other `.ts` files.
 * It gets the very modules that the program itself runs on, so that one copy of everything is alive.
 */
export async function loadModule(file: string, door: Door): Promise<Readonly<Record<string, unknown>>> {
  // Not imported: to import CommonJS is to read it twice, first for the names it exports, and that takes longer than to run it
  const { createJiti } = createRequire(import.meta.url)('jiti') as typeof import('jiti')
  const jiti = createJiti(import.meta.url, {
    fsCache: privateCache() ?? false,
    interopDefault: false,
    virtualModules: await door(),
  })
  return await jiti.import<Readonly<Record<string, unknown>>>(file)
}

/**
 * Where compiled modules are kept: a folder that nobody else can write to, since what lies there is run. Nothing is kept where there
 * is no such folder. What lies there holds the hash of its source, and is made anew when that differs; a newer compiler has
 * a folder of its own.
 */
function privateCache(): string | undefined {
  const caches = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache')
  const ours = path.join(caches, 'tasks-ssh')
  const folder = path.join(ours, `jiti-${jitiVersion()}`)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return isPrivate(ours) && isPrivate(folder) ? folder : undefined
  } catch {
    return undefined
  }
}

function isPrivate(folder: string): boolean {
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== process.getuid?.()) return false
  if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700)
  return true
}

function jitiVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(createRequire(import.meta.url).resolve('jiti/package.json'), 'utf8'),
  )
  return (manifest as { readonly version: string }).version
}
