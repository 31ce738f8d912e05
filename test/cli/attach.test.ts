import { describe, expect, it } from 'vitest'
import { projectOf, tasks } from './command-line.ts'

const hosts = { one: { address: '127.0.0.1', port: 1 }, two: { address: '127.0.0.1', port: 1 } }

describe('tasks attach', () => {
  it('follows a run on one host, and asks which where the config has several', async () => {
    const cwd = projectOf({ 'tasks.config.json': JSON.stringify({ hosts }) })
    expect(await tasks(['attach'], { cwd })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `Cannot attach, because the config has 2 hosts, and a run is followed on one.
hint: add --host with one of: one, two
`,
    })
  })

  it('needs no project, and says which host it cannot reach; as an event, too', async () => {
    const cwd = projectOf({})
    const { exitCode, stderr } = await tasks(['attach', '--host', 'me@127.0.0.1:1', '--site', 'a.example'], { cwd })
    expect([exitCode, stderr]).toEqual([
      4,
      expect.stringContaining('✖ Cannot reach "127.0.0.1:1": nothing listens on that port.'),
    ])
    const { stdout } = await tasks(['attach', '--host', 'me@127.0.0.1:1', '--json'], { cwd })
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events).toMatchObject([
      { type: 'host.connecting' },
      { type: 'run.failed', code: 'unreachable' },
      { type: 'host.finished', outcome: 'failed' },
      { type: 'run.finished', outcome: 'failed' },
    ])
  })

  it('says where no host is named', async () => {
    expect(await tasks(['attach'], { cwd: projectOf({}) })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'Cannot attach, because no host is named.\nhint: add --host user@address\n',
    })
  })
})

describe('a task of a project', () => {
  it('cannot have the name of a command', async () => {
    const cwd = projectOf({
      'tasks.config.json': '{}',
      'tasks/attach.mjs': `import { defineTask } from 'tasks-ssh'
export const attach = defineTask({ name: 'attach', summary: 'Mine', steps: () => [] })
`,
    })
    expect(await tasks(['--help'], { cwd })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `Cannot use the task "attach", because the program has a command of that name.
hint: give the task another name
`,
    })
  })
})
