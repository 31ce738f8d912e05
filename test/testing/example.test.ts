import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const pathOf = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url))

it('the example of docs/testing.md is examples/testing/tasks.test.ts, and passes as a test of node:test', async () => {
  const example = pathOf('examples/testing/tasks.test.ts')
  expect(readFileSync(pathOf('docs/testing.md'), 'utf8')).toContain(readFileSync(example, 'utf8'))
  // As an installed package is found: by its name
  const alias = { 'tasks-ssh/testing': pathOf('src/testing/index.ts'), 'tasks-ssh': pathOf('src/door.ts') }
  const script = `import { createJiti } from ${JSON.stringify(import.meta.resolve('jiti'))}
await createJiti(import.meta.url, { alias: ${JSON.stringify(alias)} }).import(${JSON.stringify(example)})`
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env })
  expect(stdout).toMatch(/pass 3\n[\s\S]*fail 0\n/)
})
