#!/usr/bin/env node
'use strict'

const { existsSync } = require('node:fs')
const { join } = require('node:path')

const built = join(__dirname, '../dist/src')
void start()

/** In a checkout that was not built, or where TASKS_DEV is set, the sources run as they are. */
async function start() {
  const isBuilt = existsSync(join(built, 'cli/main.cjs')) && !process.env.TASKS_DEV
  const { main } = isBuilt ? fromBuild() : await fromSource()
  await main(process.argv.slice(2))
}

function fromBuild() {
  require(join(built, 'cli/keep-compiled.cjs')).keepCompiled(join(built, '..'))
  return require(join(built, 'cli/main.cjs'))
}

async function fromSource() {
  const { createJiti } = require('jiti')
  return await createJiti(__filename).import('../src/cli/main.ts')
}
