import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Jiti } from 'jiti'
import { privateFolder } from './private-folder.ts'

/** What the project's modules may import by our own names, whether or not the program is installed there. */
export type Door = () => Promise<Readonly<Record<string, unknown>>>

/** Runs a module of the project and gives what it exports. */
export type LoadModule = (file: string) => Promise<Readonly<Record<string, unknown>>>

/**
 * Runs TypeScript or JavaScript modules of the project. They may import other `.ts` files, and get the very modules that the program itself
 * runs on, so that one copy of everything is alive. What runs them is made for the first one: that takes longer than to run one.
 */
export function moduleLoader(door: Door): LoadModule {
  let runner: Promise<Jiti> | undefined
  return async (file) => {
    runner ??= runnerOf(door)
    return await (await runner).import<Readonly<Record<string, unknown>>>(file)
  }
}

async function runnerOf(door: Door): Promise<Jiti> {
  // Not imported: to import CommonJS is to read it twice, first for the names it exports, and that takes longer than to run it
  const { createJiti } = createRequire(import.meta.url)('jiti') as typeof import('jiti')
  return createJiti(import.meta.url, {
    fsCache: privateCache() ?? false,
    interopDefault: false,
    virtualModules: await door(),
  })
}

/**
 * Where compiled modules are kept, since what lies there is run. What lies there holds the hash of its source, and is made anew when that
 * differs; a newer compiler has a folder of its own.
 */
function privateCache(): string | undefined {
  return privateFolder(`jiti-${jitiVersion()}`)
}

function jitiVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(createRequire(import.meta.url).resolve('jiti/package.json'), 'utf8'),
  )
  return (manifest as { readonly version: string }).version
}
