import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ownTasks } from '../../src/config/own-tasks.ts'
import { defineTask } from '../../src/core/task.ts'

const provision = defineTask({ name: 'provision', summary: 'Provision' })
const door = async () => ({ 'tasks-ssh': { defineTask }, 'tasks-ssh/tasks/provision': { provision } })

/** What is found where `tasks/` has these modules; `task` in their text makes one of its parts. */
async function found(modules: Readonly<Record<string, string>>) {
  const root = mkdtempSync(path.join(tmpdir(), 'tasks-own-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [file, text] of Object.entries(modules)) {
    const full = path.join(root, 'tasks', file)
    mkdirSync(path.dirname(full), { recursive: true })
    const head =
      "import { defineTask } from 'tasks-ssh'\nconst task = (parts = {}) => defineTask({ summary: 'Do', ...parts })\n"
    writeFileSync(full, `${head}${text}\n`)
  }
  symlinkSync(root, path.join(root, 'tasks', 'around'))
  return await ownTasks({ cwd: root, root, door, builtIn: [provision], builtInFolder: path.join(root, 'nowhere') })
}

const named = async (modules: Readonly<Record<string, string>>) =>
  (await found(modules)).map(({ task, file }) => `${file} ${task.name}`)

describe("the project's tasks", () => {
  it.each([
    ['greet.ts', "export const x = task({ name: 'greet' })", 'greet'],
    ['greet.ts', 'export const greetAll = task()', 'greet-all'],
    ['greet.mjs', 'export default task()', 'greet'],
    ['greet.ts', 'const a = task()\nexport default a\nexport const hello = a', 'hello'],
    ['db/pull.ts', "export const pull = task({ name: 'pull' })", 'db:pull'],
    ['db/pull.ts', "export const pull = task({ name: 'other:pull' })", 'other:pull'],
    ['db/index.ts', 'export const pull = task()', 'db:pull'],
    ['db/index.ts', 'export default task()', 'db'],
    ['dbTools/dump_all/full.ts', 'export default task()', 'db-tools:dump-all:full'],
    ['größe.ts', 'export default task()', 'größe'],
  ])('are named by their own name or their export, and by their folders: %s, %s', async (file, text, name) => {
    expect(await named({ [file]: text })).toEqual([`tasks/${file} ${name}`])
  })

  it('are of their own module where another hands them on, and of the program where they come with it', async () => {
    expect(
      await named({
        'index.ts': "export * from './db/pull.ts'\nexport { push } from './db/push.ts'\nexport const top = task()",
        'db/pull.ts': 'export const pull = task()',
        'db/push.ts': "import { pull } from './pull.ts'\nexport const push = task({ needs: { pull } })",
        'web/ours.ts': "export { provision } from 'tasks-ssh/tasks/provision'",
      }),
    ).toEqual(['tasks/db/pull.ts db:pull', 'tasks/db/push.ts db:push', 'tasks/index.ts top'])
    expect(provision.name).toBe('provision')
  })

  it('are not what else a module exports, nor in files that are no modules of tasks', async () => {
    expect(
      await named({
        'a.ts':
          "export const a = task()\nexport const b = { kind: 'tsk' }, c = null, d = 'task'\nexport default () => a",
        'a.d.ts': 'throw new Error()',
        'a.test.ts': 'throw new Error()',
        '_shared.ts': 'throw new Error()',
        '.hidden/a.ts': 'throw new Error()',
        'node_modules/a/index.js': 'throw new Error()',
        'notes.md': '',
      }),
    ).toEqual(['tasks/a.ts a'])
  })

  it('may be called as a task that comes with the program, which they then replace', async () => {
    expect(await named({ 'a.ts': "export const mine = task({ name: 'provision' })" })).toEqual(['tasks/a.ts provision'])
  })

  it.each<[Readonly<Record<string, string>>, string, string]>([
    [
      { 'a.ts': "export const x = task({ name: 'greet' })", 'b.ts': 'export const greet = task()' },
      'Cannot tell the tasks of "tasks/a.ts" and "tasks/b.ts" apart, because both are typed as "greet".',
      'give one of them another name or alias',
    ],
    [
      { 'a.ts': "export const x = task({ aliases: ['y'] })\nexport const z = task({ aliases: ['y'] })" },
      'Cannot tell two tasks of "tasks/a.ts" apart, because both are typed as "y".',
      'give one of them another name or alias',
    ],
    [
      { 'a.ts': "export const x = task({ aliases: ['provision'] })" },
      'Cannot use "provision" as another name for a task of "tasks/a.ts", because a task that comes with the program is called so.',
      'choose another, or name the task "provision" to replace that one',
    ],
    [
      { 'db.ts': 'export const db = task()', 'db/pull.ts': 'export const pull = task({ isDefault: true })' },
      'Cannot tell the tasks of "tasks/db/pull.ts" and "tasks/db.ts" apart, because both are typed as "db".',
      'give one of them another name or alias',
    ],
    [
      { 'a.ts': 'export const a = task({ isDefault: true })' },
      'Cannot use task "a" of "tasks/a.ts" as a default, because it is in no folder that it could be the default of.',
      'take isDefault away, or move the file into a folder',
    ],
    ...(
      [
        ['-rf', 'its name does not begin with a letter or digit'],
        ['two words', 'its name has other characters than letters, digits, and : . _ -'],
        ['a::b', 'a part of its name is empty'],
        ['x'.repeat(101), 'its name is longer than 100 characters'],
      ] as const
    ).map(([name, because]): [Readonly<Record<string, string>>, string, string] => [
      { 'a.ts': `export const a = task({ name: '${name}' })` },
      `Cannot use the task "${name}" of "tasks/a.ts", because ${because}.`,
      'give it another name',
    ]),
  ])('are refused where a word would mean two, or cannot be typed: %j', async (modules, message, hint) => {
    await expect(found(modules)).rejects.toMatchObject({ code: 'config', message, hint })
  })
})
