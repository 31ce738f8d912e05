import module from 'node:module'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { privateFolder } from '../config/private-folder.ts'
import { keepModules } from './compiled-modules.ts'

const { enableCompileCache } = module as {
  /** From Node 22.1 on. */
  readonly enableCompileCache?: (folder: string) => unknown
}

/**
 * Keeps what Node compiles of the program for its next start, in a private folder of the person's cache, where each module is found again by its
 * content. Where there can be no such folder, nothing is kept.
 * @param root the folder of the built program
 */
export function keepCompiled(root: string): void {
  const folder = privateFolder('compiled')
  if (folder === undefined) return
  if (enableCompileCache) enableCompileCache(folder)
  // Without it, which is so in Node 22.0 alone, what is kept could not be told from what was damaged
  else if (typeof crc32 === 'function') keepModules({ root, folder: path.join(folder, byHand) })
}

const byHand = `${process.version}-${process.arch}`
