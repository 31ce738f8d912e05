import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { toldWhy } from '../../told.ts'
import { projectOf } from '../command-line.ts'
import { isThere, type ShellName, shellIn } from './shell.ts'

const project = {
  'tasks.config.mjs': `console.log('noise of the config')
export default {
  hosts: { web1: { address: '203.0.113.7', roles: ['web'] }, web2: { roles: ['web'] }, db1: {} },
  stages: { staging: {} },
  sites: { 'staging.example.com': { host: 'web1', stage: 'staging' }, 'example.com': { host: 'web2' } },
}`,
  'tasks/db/pull.ts': `import { defineTask, param } from 'tasks-ssh'
const hostile = ['users', 'two words', "it's", '$(touch ran)', '\`touch ran\`', 'say "hi"', 'a:b', 'semi;touch ran', '-minus', 'new\\nline', 'tab\\tbed']
export const pull = defineTask({
  summary: 'Pull $(touch ran) \`touch ran\` "all": %F{red}\\n\\tit\\x1b[31m',
  params: {
    table: param.choice(hostile, { isPositional: true }),
    how: param.choice(['full all', 'full $all', 'quick'], { default: 'quick' }),
    into: param.path({ isOptional: true }),
  },
  run: () => {},
})
export const push = defineTask({ summary: 'Push it', run: () => {} })
`,
  'a file.txt': '',
}

/** What is typed, and the words that `tasks` gets for it. */
const lines: readonly (readonly [what: string, keys: string, words: readonly string[]])[] = [
  ['a task in a folder', 'tasks db:pul\t', ['db:pull']],
  ['a command', 'tasks gra\tdb:pus\t', ['graph', 'db:push']],
  ['a second task', 'tasks db:push dep\t', ['db:push', 'deploy']],
  ['a flag of all tasks', 'tasks deploy --dry\t', ['deploy', '--dry-run']],
  ['a flag of its own', 'tasks db:pull users --int\t', ['db:pull', 'users', '--into']],
  ['a group behind a comma', 'tasks deploy --host web1,@w\t', ['deploy', '--host', 'web1,@web']],
  ['a group behind =', 'tasks deploy --host=@w\t', ['deploy', '--host=@web']],
  ['a file', 'tasks deploy --config tasks.c\t', ['deploy', '--config', 'tasks.config.mjs']],
  ['a file with a space', 'tasks db:pull users --into=a\t', ['db:pull', 'users', '--into=a file.txt']],
  ['in the middle of a line', `tasks dep --yes${'\x1b[D'.repeat(6)}\t`, ['deploy', '--yes']],
  ['behind another command', 'true && tasks dep\t', ['deploy']],
  ['two words', 'tasks db:pull two\t', ['db:pull', 'two words']],
  ['two words in open quotes', 'tasks db:pull "two\t', ['db:pull', 'two words']],
  ['a quote', 'tasks db:pull it\t', ['db:pull', "it's"]],
  ['a command of the shell', 'tasks db:pull \\$\t', ['db:pull', '$(touch ran)']],
  ['one in open quotes', "tasks db:pull '$\t", ['db:pull', '$(touch ran)']],
  ['one behind a semicolon', 'tasks db:pull semi\t', ['db:pull', 'semi;touch ran']],
  ['a colon', 'tasks db:pull a\t', ['db:pull', 'a:b']],
  ['what looks like a flag', 'tasks db:pull -- -m\t', ['db:pull', '--', '-minus']],
  ['what begins as another does', 'tasks db:pull x --how full\\ \\$\t', ['db:pull', 'x', '--how', 'full $all']],
]

describe.each<ShellName>(['bash', 'zsh', 'fish'])('completion in %s', (name) => {
  const obstacle = toldWhy(`completion in ${name}`, isThere(name) ? undefined : `there is no ${name}`)

  it.skipIf(obstacle)('writes what was meant, quoted where it must be, and runs nothing', async () => {
    const folder = projectOf(project)
    const shell = await shellIn(folder, name)
    const got: (readonly [string, string, readonly string[]])[] = []
    for (const [what, keys] of lines) got.push([what, keys, await shell.enter(keys)])
    expect(got).toEqual(lines)
    expect(existsSync(path.join(folder, 'ran'))).toBe(false)
    // A tab runs nothing that stands on the line already
    expect(await shell.enter('tasks db:pull "$(echo >>once)" --how q\t')).toEqual(['db:pull', '', '--how', 'quick'])
    expect(readFileSync(path.join(folder, 'once'), 'utf8')).toBe('\n')
  })

  it.skipIf(obstacle)('shows what there is and, but for bash, what it is', async () => {
    const shell = await shellIn(projectOf(project), name)
    const screen = await shell.press('\ftasks db:pu\t\t', /pull\b[\s\S]*push\b/)
    if (name !== 'bash') expect(screen).toContain('Pull $(touch ran) `touch ran` "all": %F{red} it')
    expect(screen).not.toContain('noise')
  })

  it.skipIf(obstacle)(
    'knows what comes with the program where a config is broken, and leaves the prompt alone',
    async () => {
      const shell = await shellIn(
        projectOf({ 'tasks.config.mjs': 'throw new Error("noise")', 'tasks/x.ts': '(' }),
        name,
      )
      expect(await shell.enter('tasks prov\t--ho\tx')).toEqual(['provision', '--host', 'x'])
      const screen = await shell.press('tasks done\r', /ran 3 \["done"\]\n» *$/)
      const [, ...after] = screen.split('ran 1 ["begin"]\n')
      const typed = (line: string) => line.replace(/\s+$/, '')
      expect(
        after
          .join('')
          .split('\n')
          .map(typed)
          .filter((line) => !line.startsWith('tasks ')),
      ).toEqual([
        '» tasks provision --host x',
        'ran 2 ["provision","--host","x"]',
        '» tasks done',
        'ran 3 ["done"]',
        '»',
      ])
    },
  )
})
