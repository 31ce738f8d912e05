import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { moduleLoader } from '../../src/config/load-module.ts'

const door = async () => ({ 'tasks-ssh': { greeting: 'from inside' } })
const loadModule = (file: string) => moduleLoader(door)(file)

function scratch(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tasks-load-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv('XDG_CACHE_HOME', path.join(folder, 'cache'))
  return folder
}

it('gives a module the program itself where it imports it by name, installed or not', async () => {
  const file = path.join(scratch(), 'a.ts')
  writeFileSync(file, "import { greeting } from 'tasks-ssh'\nexport const said: string = greeting\n")
  expect(await loadModule(file)).toMatchObject({ said: 'from inside' })
})

it('keeps what it compiled where nobody else can write', async () => {
  const folder = scratch()
  writeFileSync(path.join(folder, 'a.ts'), 'export const one: number = 1\n')
  await loadModule(path.join(folder, 'a.ts'))
  const [cache = ''] = readdirSync(path.join(folder, 'cache/tasks-ssh'))
  expect(statSync(path.join(folder, 'cache/tasks-ssh', cache)).mode & 0o777).toBe(0o700)
  expect(readdirSync(path.join(folder, 'cache/tasks-ssh', cache))).toHaveLength(1)
})

it('keeps nothing where the folder for it is a link', async () => {
  const folder = scratch()
  mkdirSync(path.join(folder, 'elsewhere'))
  mkdirSync(path.join(folder, 'cache'))
  symlinkSync(path.join(folder, 'elsewhere'), path.join(folder, 'cache/tasks-ssh'))
  writeFileSync(path.join(folder, 'a.ts'), 'export const one: number = 1\n')
  expect(await loadModule(path.join(folder, 'a.ts'))).toMatchObject({ one: 1 })
  const below = readdirSync(path.join(folder, 'elsewhere')).flatMap((name) =>
    readdirSync(path.join(folder, 'elsewhere', name)),
  )
  expect(below).toEqual([])
})
