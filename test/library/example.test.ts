import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sshdProgram } from '../transport/sshd.ts'
import { type OnSshd, onSshd } from './on-sshd.ts'

const pathOf = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url))
const example = pathOf('examples/library/fleet.ts')

it('the example of docs/library.md is examples/library/fleet.ts', () => {
  expect(readFileSync(pathOf('docs/library.md'), 'utf8')).toContain(readFileSync(example, 'utf8'))
})

describe.skipIf(sshdProgram === undefined)('the example of docs/library.md', () => {
  let here: OnSshd
  beforeAll(async () => {
    here = await onSshd(['web1', 'web2'])
  })
  afterAll(() => here.close())

  it('tells what hosts say, and ends by itself', async () => {
    const { cwd } = await here.project()
    // As an installed package is found: by its name
    const script = `import { createJiti } from ${JSON.stringify(import.meta.resolve('jiti'))}
await createJiti(import.meta.url, { alias: { 'tasks-ssh': ${JSON.stringify(pathOf('src/door.ts'))} } }).import(${JSON.stringify(example)})`
    const words = ['--input-type=module', '-e', script]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, words, { cwd })
    expect({ stderr, lines: stdout.trim().split('\n').sort() }).toEqual({
      stderr: '',
      lines: ['2 of 2 have answered.', expect.stringMatching(/^web1: up /), expect.stringMatching(/^web2: up /)],
    })
  })
})
