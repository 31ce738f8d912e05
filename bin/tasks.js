#!/usr/bin/env node
import { existsSync } from 'node:fs'
import module from 'node:module'

// In a checkout that was not built, or where TASKS_DEV is set, the sources run as they are.
const built = new URL('../dist/src/cli/main.js', import.meta.url)
const isBuilt = existsSync(built) && !process.env.TASKS_DEV
const { main } = isBuilt ? await fromBuild() : await fromSource()
await main(process.argv.slice(2))

/** What Node compiles of the program is kept for the next start, found again by the content of each file: from Node 22.1 on. */
async function fromBuild() {
  if (module.enableCompileCache) {
    const { privateFolder } = await import(new URL('../config/private-folder.js', built).href)
    const folder = privateFolder('compiled')
    if (folder !== undefined) module.enableCompileCache(folder)
  }
  return await import(built.href)
}

async function fromSource() {
  const { createJiti } = await import('jiti')
  return await createJiti(import.meta.url).import('../src/cli/main.ts')
}
