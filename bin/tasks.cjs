#!/usr/bin/env node
'use strict'

const { existsSync } = require('node:fs')
const module_ = require('node:module')
const { join } = require('node:path')

const built = join(__dirname, '../dist/src')
void start()

/** In a checkout that was not built, or where TASKS_DEV is set, the sources run as they are. */
async function start() {
  const isBuilt = existsSync(join(built, 'cli/main.cjs')) && !process.env.TASKS_DEV
  const { main } = isBuilt ? fromBuild() : await fromSource()
  await main(process.argv.slice(2))
}

/** What Node compiles of the program is kept for the next start, found again by the content of each file: from Node 22.1 on. */
function fromBuild() {
  if (module_.enableCompileCache) {
    const { privateFolder } = require(join(built, 'config/private-folder.cjs'))
    const folder = privateFolder('compiled')
    if (folder !== undefined) module_.enableCompileCache(folder)
  }
  return require(join(built, 'cli/main.cjs'))
}

async function fromSource() {
  const { createJiti } = require('jiti')
  return await createJiti(__filename).import('../src/cli/main.ts')
}
