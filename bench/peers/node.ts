import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const nodeVersion = '24'

/** Puts a Node into a folder, unless it is there. */
export async function installNode(folder: string): Promise<void> {
  if (existsSync(nodeIn(folder))) return
  await writeFile(join(folder, 'package.json'), '{}')
  await promisify(execFile)('npm', ['install', '--silent', '--no-audit', '--no-fund', `node@${nodeVersion}`], {
    cwd: folder,
  })
}

export function nodeIn(folder: string): string {
  return join(folder, 'node_modules/node/bin/node')
}
