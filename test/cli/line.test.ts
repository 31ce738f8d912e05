import { describe, expect, it } from 'vitest'
import { param } from '../../src/config/param.ts'
import { defineTask } from '../../src/core/task.ts'
import { own, typed } from './typed.ts'

const task = (name: string, more: Partial<Parameters<typeof defineTask>[0]> = {}) =>
  defineTask({ name, summary: `Do ${name}`, ...more })

const tasks = own(
  task('frontend', { params: { target: param.text({ default: 'all' }), fast: param.flag({ short: 'f' }) } }),
  task('deploy', { params: { site: param.site(), ref: param.gitRef() }, aliases: ['ship'] }),
  task('db:pull', { params: { table: param.text({ isPositional: true, isOptional: true }) }, isDefault: true }),
  task('db:push', { params: { log: param.text({ alone: 'x.log', isOptional: true }) } }),
  task('zip', { params: { files: param.list(param.text(), { isPositional: true }) } }),
  task('secretly', { isHidden: true }),
)

/** Each task that a line comes to, with what is its own. */
async function understood(...words: readonly string[]) {
  const { invocations } = await typed(words, tasks)
  return invocations.map(({ task: { name }, words: given, flags }) => {
    const said = Object.entries(given).filter(([, value]) => value !== undefined && String(value) !== '')
    return [name, Object.fromEntries(said), [...(flags.host ?? []), flags.site ?? ''].join(' ').trim()]
  })
}

describe('several tasks on a line', () => {
  it.each<[string, readonly unknown[]]>([
    [
      'frontend deploy',
      [
        ['frontend', {}, ''],
        ['deploy', {}, ''],
      ],
    ],
    [
      'frontend deploy --site a.example',
      [
        ['frontend', {}, 'a.example'],
        ['deploy', {}, 'a.example'],
      ],
    ],
    [
      '--site a.example frontend --host=h deploy',
      [
        ['frontend', {}, 'h a.example'],
        ['deploy', {}, 'h a.example'],
      ],
    ],
    [
      '--host a frontend --host b deploy --host c',
      [
        ['frontend', {}, 'a b c'],
        ['deploy', {}, 'a b c'],
      ],
    ],
    ['frontend --target deploy', [['frontend', { target: 'deploy' }, '']]],
    [
      'frontend --target=x deploy --ref v1',
      [
        ['frontend', { target: 'x' }, ''],
        ['deploy', { ref: 'v1' }, ''],
      ],
    ],
    [
      'frontend -ft deploy deploy -r v1',
      [
        ['frontend', { fast: true, target: 'deploy' }, ''],
        ['deploy', { ref: 'v1' }, ''],
      ],
    ],
    [
      'frontend -ftx deploy',
      [
        ['frontend', { fast: true, target: 'x' }, ''],
        ['deploy', {}, ''],
      ],
    ],
    [
      'frontend -f deploy',
      [
        ['frontend', { fast: true }, ''],
        ['deploy', {}, ''],
      ],
    ],
    [
      'db:pull deploy deploy',
      [
        ['db:pull', { table: 'deploy' }, ''],
        ['deploy', {}, ''],
      ],
    ],
    ['db ship', [['db:pull', { table: 'ship' }, '']]],
    [
      'db users ship',
      [
        ['db:pull', { table: 'users' }, ''],
        ['deploy', {}, ''],
      ],
    ],
    ['db:push --log deploy', [['db:push', { log: 'deploy' }, '']]],
    [
      'db:push --log --site a.example ship',
      [
        ['db:push', { log: true }, 'a.example'],
        ['deploy', {}, 'a.example'],
      ],
    ],
    [
      'frontend zip deploy frontend --site a.example',
      [
        ['frontend', {}, 'a.example'],
        ['zip', { files: ['deploy', 'frontend'] }, 'a.example'],
      ],
    ],
    ['zip -- --site frontend', [['zip', { files: ['--site', 'frontend'] }, '']]],
    [
      'secretly frontend',
      [
        ['secretly', {}, ''],
        ['frontend', {}, ''],
      ],
    ],
  ])('are understood: tasks %s', async (line, expected) => {
    expect(await understood(...line.split(' '))).toEqual(expected)
  })

  it.each([
    ['frontend deplyo', 'Cannot run "frontend", because it takes no argument "deplyo".', 'did you mean "deploy"?'],
    ['deploy --target x', 'Cannot run "deploy", because it has no flag "--target".', 'run: tasks deploy --help'],
    ['deploy secretl', 'Cannot run "deploy", because it takes no argument "secretl".', 'run: tasks deploy --help'],
    [
      'frontend --site a.example deploy --site b.example',
      'Cannot run "frontend" and "deploy", because --site stands there twice, and holds for all of them.',
      'type a line for each',
    ],
    ['pull', 'Cannot run "pull", because there is no such task.', 'use one of: db:pull'],
    ['secretl', 'Cannot run "secretl", because there is no such task.', 'run: tasks'],
    ['--host web1 deplyo', 'Cannot run "deplyo", because there is no such task.', 'did you mean "deploy"?'],
    ['--host web1', 'Cannot run "tasks", because --host is of a task, and none is named.', 'run: tasks'],
    ['--hots web1 deploy', 'Cannot run "tasks", because it has no flag "--hots".', 'did you mean "--host"?'],
  ])('are refused: tasks %s', async (line, message, hint) => {
    await expect(typed(line.split(' '), tasks)).rejects.toMatchObject({ code: 'usage', message, hint })
  })

  it('that are in a folder without a default are named where the folder is typed', async () => {
    const folder = own(task('db:pull'), task('db:push'))
    await expect(typed(['db'], folder)).rejects.toMatchObject({
      message: 'Cannot run "db", because it is a folder of tasks, and none of them is its default.',
      hint: 'use one of: db:pull, db:push',
    })
  })

  it('are all understood before one is begun', async () => {
    await expect(typed(['frontend', 'deploy', '--wibble'], tasks)).rejects.toMatchObject({ code: 'usage' })
    expect((await typed(['frontend', 'deploy', '--help'], tasks)).out).toMatch(/^Usage: tasks deploy/)
  })
})

describe('tasks list', () => {
  it('shows each task under its heading, with what else it is called, and no hidden one', async () => {
    const more = own(
      task('frontend'),
      task('db:push'),
      task('db:pull', { aliases: ['p'], isDefault: true }),
      task('seed', { group: 'Database' }),
      task('secretly', { isHidden: true }),
    )
    expect((await typed(['list'], more)).out).toBe(
      [
        'Tasks of this project:\n  frontend  Do frontend\n',
        'Database:\n  seed      Do seed\n',
        'Tasks of db:\n  db:push   Do db:push\n  db:pull   Do db:pull (also: p, db)\n',
      ].join('\n'),
    )
  })

  it('tells programs all that is known of a task', async () => {
    const needed = task('build')
    const more = own(
      task('db:pull', {
        params: {
          table: param.text({ isPositional: true, summary: 'the table' }),
          colour: param.choice(['red', 'blue'], { default: 'red' }),
          password: param.secret(),
        },
        needs: { needed },
        confirm: 'This empties {table}',
        aliases: ['p'],
        isHidden: true,
      }),
    )
    expect(JSON.parse((await typed(['list', '--json'], more)).out)).toEqual([
      {
        ...{
          name: 'db:pull',
          summary: 'Do db:pull',
          aliases: ['p'],
          namespace: 'db',
          isHidden: true,
          isDefault: false,
        },
        confirm: 'This empties {table}',
        params: [
          {
            ...{ name: 'table', kind: 'value', summary: 'the table', isPositional: true, isRequired: true },
            ...{ variable: 'TASKS_DB_PULL_TABLE', placeholder: 'TEXT' },
          },
          {
            ...{ name: 'colour', kind: 'value', summary: '', flag: '--colour', variable: 'TASKS_DB_PULL_COLOUR' },
            ...{ isRequired: false, default: 'red', choices: ['red', 'blue'], placeholder: 'red|blue' },
          },
          {
            ...{
              name: 'password',
              kind: 'secret',
              summary: '',
              flag: '--password-file',
              variable: 'TASKS_DB_PULL_PASSWORD',
            },
            ...{ isRequired: true, placeholder: 'FILE' },
          },
        ],
        ...{ needs: ['build'], then: [], file: 'tasks/db/pull.ts' },
      },
    ])
  })
})
