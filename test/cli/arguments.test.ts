import { describe, expect, it } from 'vitest'
import { param } from '../../src/config/param.ts'
import { type AnyTask, defineTask, type Params } from '../../src/core/task.ts'
import { argumentsFrom, own, typed } from './typed.ts'

const taskWith = (params: Params, more: Partial<AnyTask> = {}): AnyTask =>
  defineTask({ name: 'own', summary: 'Do', params, ...more })

const pull = defineTask({
  name: 'db:pull',
  summary: 'Pull tables',
  params: {
    table: param.text({ isPositional: true, summary: 'the table' }),
    others: param.list(param.text(), { isPositional: true }),
    rowLimit: param.number({ default: 100, min: 1, isWhole: true }),
    tags: param.list(param.text()),
    sizes: param.list(param.number(), { short: 'S' }),
    verbosity: param.count({ short: 'V' }),
    log: param.text({ alone: 'tasks.log', isOptional: true }),
    colour: param.choice(['red', 'blue'], { default: 'red' }),
    isLoud: param.flag(),
    isKept: param.flag({ default: true }),
    password: param.secret({ isOptional: true }),
  },
})
const usual = {
  ...{ table: 'users', others: [], rowLimit: 100, tags: [], sizes: [], verbosity: 0, log: undefined },
  ...{ colour: 'red', isLoud: false, isKept: true, password: undefined },
}

describe('the arguments of a task', () => {
  it.each<[readonly string[], Readonly<Record<string, unknown>>]>([
    [['users'], {}],
    [['users', 'a b', '$(id)'], { others: ['a b', '$(id)'] }],
    [['users', '--', '--tags', '-x'], { others: ['--tags', '-x'] }],
    [['users', '--row-limit', '5'], { rowLimit: 5 }],
    [['users', '--row-limit=5', '-r7'], { rowLimit: 7 }],
    [['users', '--tags', 'a', '--tags', 'b, c,'], { tags: ['a', 'b', 'c'] }],
    [['users', '-t', 'a', '-S1,-2', '-S', '-3'], { tags: ['a'], sizes: [1, -2, -3] }],
    [['users', '-VVV', '--verbosity'], { verbosity: 4 }],
    [['users', '--log'], { log: 'tasks.log' }],
    [['users', '--log', 'my.log'], { log: 'my.log' }],
    [['--log', '--is-loud', 'users'], { log: 'tasks.log', isLoud: true }],
    [['users', '--colour', 'blue', '--no-is-kept'], { colour: 'blue', isKept: false }],
    [['users', '--is-loud', '--no-is-loud', '--no-is-kept', '--is-kept'], {}],
    [['users', '--tags', '--host'], { tags: ['--host'] }],
  ])('are read from the line: %j', async (words, values) => {
    expect((await argumentsFrom(words, { task: pull })).values).toEqual({ ...usual, ...values })
  })

  it('are read from the environment where the line does not say them', async () => {
    const environment = {
      TASKS_DB_PULL_TABLE: 'users',
      TASKS_DB_PULL_OTHERS: 'a,b\nc',
      TASKS_DB_PULL_ROW_LIMIT: '5',
      TASKS_DB_PULL_TAGS: 'x, y',
      TASKS_DB_PULL_VERBOSITY: '2',
      TASKS_DB_PULL_COLOUR: '',
      TASKS_DB_PULL_IS_LOUD: 'Yes',
      TASKS_DB_PULL_IS_KEPT: '0',
    }
    const { values } = await argumentsFrom(['--row-limit', '7', '--no-is-loud'], { task: pull, environment })
    expect(values).toEqual({
      ...usual,
      ...{ others: ['a,b', 'c'], rowLimit: 7, tags: ['x', 'y'], verbosity: 2, isKept: false },
    })
  })

  it('hold a secret from a file or the environment, that prints as nothing that one could read', async () => {
    const fromFile = await argumentsFrom(['users', '--password-file', 'p'], {
      task: pull,
      files: { p: 'correct horse' },
    })
    const environment = { TASKS_DB_PULL_PASSWORD: 'correct horse' }
    const fromEnvironment = await argumentsFrom(['users'], { task: pull, environment })
    expect(fromFile).toEqual(fromEnvironment)
    expect(fromFile.values.password).toMatchObject({ kind: 'secret', id: 'param.password', hidden: ['correct horse'] })
  })

  it('that must be given are told where none says them', async () => {
    const { missing } = await argumentsFrom([], { task: pull })
    expect(missing.map(({ name }) => name)).toEqual(['table'])
  })

  it('of a needed task are flags of the task that needs it, with the variable of the one that has them', async () => {
    const environment = { TASKS_DB_PULL_TABLE: 'users', TASKS_ALL_TABLE: 'others', TASKS_ALL_COLOUR: 'blue' }
    const task = defineTask({ name: 'all', summary: 'All', needs: { pull }, params: { colour: param.text() } })
    const { values } = await argumentsFrom(['--others', 'a'], { task, environment })
    expect(values).toMatchObject({ table: 'users', others: ['a'], colour: 'blue' })
  })

  it.each<[readonly string[], Readonly<Record<string, string>>, string, string]>([
    [
      ['u', '--row-limit', '0'],
      {},
      'Cannot use "0" as a number, because it is less than 1.',
      'write: --row-limit <NUMBER>',
    ],
    [['u', '-r', '1.5'], {}, 'Cannot use "1.5" as a number, because it is not whole.', 'write: --row-limit <NUMBER>'],
    [
      ['u', '-S', '1,two'],
      {},
      'Cannot use "two" as a number, because it is not written with digits alone.',
      'write: --sizes <NUMBER>',
    ],
    [
      ['u'],
      { TASKS_DB_PULL_COLOUR: 'green' },
      'Cannot use "green", because it is none of: red, blue.',
      'set TASKS_DB_PULL_COLOUR to <red|blue>',
    ],
    [
      ['u'],
      { TASKS_DB_PULL_IS_LOUD: 'maybe' },
      'Cannot use "maybe", because it says neither yes nor no.',
      'set TASKS_DB_PULL_IS_LOUD to yes or no',
    ],
    [
      ['u'],
      { TASKS_DB_PULL_VERBOSITY: '-1' },
      'Cannot use "-1" as a number, because it is less than 0.',
      'set TASKS_DB_PULL_VERBOSITY to a number',
    ],
    [
      ['u', '--password-file', 'empty'],
      {},
      'Cannot use what was given for "password", because it is empty.',
      'write: --password-file <FILE>',
    ],
  ])('are refused with what they are, and how to write them: %j %j', async (words, environment, message, hint) => {
    await expect(argumentsFrom(words, { task: pull, environment })).rejects.toMatchObject({
      code: 'usage',
      message,
      hint,
    })
  })

  it.each([
    [['--password', 'hunter2'], 'it has no flag "--password"', 'did you mean "--password-file"?'],
    [['--row-limti', '5'], 'it has no flag "--row-limti"', 'did you mean "--row-limit"?'],
    [['-x'], 'it has no flag "-x"', 'run: tasks db:pull --help'],
  ])('are refused under flags that there are not: %j', async (words, because, hint) => {
    const message = `Cannot run "db:pull", because ${because}.`
    await expect(argumentsFrom(words, { task: pull })).rejects.toMatchObject({ message, hint })
  })
})

describe('short flags', () => {
  const shown = async (task: AnyTask) => {
    const { out } = await typed(['help', task.name], own(task))
    return [...out.matchAll(/^ {2}(-\w), (--[\w-]+)/gm)].map(([, short, long]) => `${short} ${long}`).join(' ')
  }

  it('are the first letters that nothing else begins with, neither here nor among the flags of all tasks', async () => {
    const params = {
      ...{ tags: param.list(param.text()), table: param.text(), log: param.text(), days: param.number() },
      ...{ site: param.site(), size: param.number(), isLoud: param.flag() },
    }
    expect(await shown(taskWith(params))).toBe('-l --log -h --help')
  })

  it('are those that a task says, before any other', async () => {
    const params = { log: param.text(), tags: param.text({ short: 'l' }), days: param.number({ short: 'd' }) }
    expect(await shown(taskWith(params))).toBe('-l --tags -d --days -h --help')
  })

  it('are those of the task that was asked for, where a needed one says the same', async () => {
    const needed = defineTask({ name: 'needed', summary: 'Need', params: { tags: param.text({ short: 'k' }) } })
    const task = taskWith({ keep: param.number({ short: 'k' }) }, { needs: { needed } })
    expect(await shown(task)).toBe('-t --tags -k --keep -h --help')
  })
})

describe('the parameters of a task', () => {
  const because = (name: string, text: string) => `Cannot use task "own", because its parameter "${name}" ${text}.`

  it.each<[string, Params, string]>([
    ['dryRun', { dryRun: param.flag() }, 'has the name of a flag that every task has'],
    ['noCache', { noCache: param.flag() }, 'begins with "no", as what takes a switch away does'],
    ['two words', { 'two words': param.text() }, 'cannot be written as a flag'],
    ['__a', { __a: param.text() }, 'cannot be written as a flag'],
    ['dbURL', { dbUrl: param.text(), dbURL: param.text() }, 'is written as "dbUrl" is: --db-url'],
    [
      'other',
      { a: param.list(param.text(), { isPositional: true }), other: param.text({ isPositional: true }) },
      'follows "a", which takes all words',
    ],
    [
      'other',
      { a: param.text({ isPositional: true, isOptional: true }), other: param.text({ isPositional: true }) },
      'must be given, and follows "a", which need not be',
    ],
    ['a', { a: param.text({ short: 'ab' }) }, 'has the short flag "ab", which is no single letter'],
    ['a', { a: param.text({ short: 'h' }) }, 'has the short flag -h, which shows the help'],
    ['a', { a: param.text({ short: 'x' }), b: param.text({ short: 'x' }) }, 'has the short flag -x, as "b" has'],
  ])('are refused: %s %j', async (name, params, text) => {
    await expect(typed(['own'], own(taskWith(params)))).rejects.toMatchObject({
      code: 'config',
      message: because(name, text),
    })
  })
})

describe('the help of a task', () => {
  it('shows each parameter with what it can be, what it usually is, and its variable', async () => {
    const { out } = await typed(['db:pull', '--help'], own(pull))
    const [, ...blocks] = out.split(/\n(?=Arguments:|Task:|Where:|Environment)/)
    expect(blocks.filter((block) => !block.startsWith('Where:'))).toEqual([
      'Arguments:\n  TABLE                        the table\n  OTHERS\n',
      [
        'Task:',
        '  -r, --row-limit <NUMBER>     (default: 100)',
        '  -t, --tags <TEXT>            (may be repeated)',
        '  -S, --sizes <NUMBER>         (may be repeated)',
        '  -V, --verbosity              (the more often, the more)',
        '  -l, --log [TEXT]             (alone: tasks.log)',
        '      --colour <red|blue>      (default: red)',
        '      --is-loud',
        '      --no-is-kept',
        '      --password-file <FILE>   a secret, in a file; - is standard input\n',
      ].join('\n'),
      `Environment, where a flag is not given:\n${[
        'TABLE',
        'OTHERS',
        'ROW_LIMIT',
        'TAGS',
        'SIZES',
        'VERBOSITY',
        'LOG',
        'COLOUR',
        'IS_LOUD',
        'IS_KEPT',
        'PASSWORD',
      ]
        .map((name) => `  TASKS_DB_PULL_${name}\n`)
        .join('')}\n`,
    ])
    expect(out).toMatch(/^Usage: tasks db:pull TABLE \[OTHERS\.\.\.\] \[flags\]\n/)
  })
})
