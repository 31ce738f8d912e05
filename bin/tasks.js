#!/usr/bin/env node
import { existsSync } from 'node:fs'

// In a checkout that was not built, or where TASKS_DEV is set, the sources run as they are.
const built = new URL('../dist/src/cli/main.js', import.meta.url)
const isBuilt = existsSync(built) && !process.env.TASKS_DEV
const { main } = isBuilt ? await import(built.href) : await fromSource()
await main(process.argv.slice(2))

async function fromSource() {
  const { createJiti } = await import('jiti')
  return await createJiti(import.meta.url).import('../src/cli/main.ts')
}
