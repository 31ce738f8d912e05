import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { param } from '../../src/config/param.ts'
import type { Mode } from '../../src/core/event.ts'
import { defineTask } from '../../src/core/task.ts'
import { runHere } from './run-here.ts'

describe('a task that makes files of files', () => {
  it('is left out while nothing has changed', async () => {
    const { front } = project()
    expect(await front()).toBe('done')
    expect(await front()).toBe('met')
    expect(await front({ mode: 'dry-run' })).toBe('met')
  })

  it.each<[string, (folder: string) => void]>([
    ['an input', (folder) => writeFileSync(join(folder, 'src/app.js'), 'other')],
    ['what can be run of the inputs', (folder) => chmodSync(join(folder, 'src/app.js'), 0o755)],
    ['the number of inputs', (folder) => writeFileSync(join(folder, 'src/.hidden.js'), '')],
    ['an output', (folder) => writeFileSync(join(folder, 'dist/app.js'), 'by hand')],
    ['an output that is gone', (folder) => rmSync(join(folder, 'dist'), { recursive: true })],
  ])('is done again after a change of %s', async (_, change) => {
    const { folder, front } = project()
    await front()
    change(folder)
    expect(await front({ mode: 'dry-run' })).toBe('would run')
    expect(await front()).toBe('done')
    expect(await front()).toBe('met')
  })

  it('is done again with other arguments', async () => {
    const { front } = project()
    await front()
    expect(await front({ params: { debug: true } })).toBe('done')
  })

  it('is done every time where nothing may be remembered', async () => {
    const { front } = project()
    await front({ cache: undefined })
    expect(await front({ cache: undefined })).toBe('done')
  })

  it('refuses inputs that are not there, and outputs that were not made', async () => {
    const typo = project({ inputs: ['scr/**'] })
    expect(await typo.front()).toBe(
      'Cannot tell whether "front" has anything to make, because no file matches its inputs: scr/**.',
    )
    const other = project({ outputs: ['dist/**', 'build/**'] })
    expect(await other.front()).toBe(
      'Cannot finish "front", because it did not make all of its outputs: dist/**, build/**.',
    )
  })
})

interface Options {
  readonly mode?: Mode
  readonly params?: Readonly<Record<string, unknown>>
  readonly cache?: string | undefined
}

/** A project whose task makes `dist` of `src`; gives its verdict, or why it failed. */
function project({ inputs = ['src/**'], outputs = ['dist/**'] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tasks-made-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'src'))
  writeFileSync(join(folder, 'src/app.js'), 'one')
  const task = defineTask({
    ...{ name: 'front', summary: '', inputs, outputs, params: { debug: param.flag() } },
    local: () => {
      mkdirSync(join(folder, 'dist'), { recursive: true })
      writeFileSync(join(folder, 'dist/app.js'), 'made')
    },
  })
  const front = async (options: Options = {}) => {
    const ran = await runHere(task, { hosts: [], root: folder, cache: join(folder, 'cache'), ...options })
    return ran.failures[0] ?? ran.functions[0]?.replace('here front: ', '')
  }
  return { folder, front }
}
