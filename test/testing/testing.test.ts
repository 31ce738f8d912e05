import { existsSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Step } from '../../src/core/step.ts'
import { always, content, defineTask, file, param, secret, sh, step } from '../../src/door.ts'
import { isIdempotent, type Script, scriptedHost, shellHost } from '../../src/testing/index.ts'

async function shell(files: Readonly<Record<string, string>> = {}) {
  const host = await shellHost({ files })
  onTestFinished(() => host.remove())
  return host
}

const words = defineTask({
  name: 'words',
  summary: 'Write words',
  params: { word: param.text(), times: param.number({ default: 1 }) },
  steps: ({ params, note }) => {
    note({ level: 'note', message: `writes ${params.word}` })
    const written = step({
      name: 'written',
      title: 'written',
      check: sh`[ -e ~/words ] && grep -q ${params.word} ~/words`,
      apply: sh`echo ${params.word} >>~/words`,
    })
    return [
      written,
      step({
        name: 'counted',
        title: 'counted',
        after: [written],
        check: sh`[ -e ~/count ]`,
        apply: sh`wc -l <~/words >~/count`,
      }),
    ]
  },
})

describe('a shell that stands for a host', () => {
  it('does steps in its folder, really, and tells what came of each', async () => {
    const host = await shell({ words: 'one\n' })
    const look = await host.run(words, { params: { word: 'two' }, mode: 'dry-run' })
    expect(look.verdicts).toEqual({ written: 'would change', counted: 'after' })
    expect(await host.read('words')).toBe('one\n')
    const done = await host.run(words, { params: { word: 'two' } })
    expect(done.verdicts).toEqual({ written: 'changed', counted: 'changed' })
    expect(done.notes).toEqual(['writes two'])
    expect(await host.read('words')).toBe('one\ntwo\n')
    expect((await host.run(words, { params: { word: 'two' } })).verdicts).toEqual({ written: 'met', counted: 'met' })
  })

  it('does the steps of the library, and whatever it is of root is of whoever runs the test', async () => {
    const host = await shell()
    const target = join(host.folder, 'a file')
    const { username } = userInfo()
    expect(
      (await host.twice([file({ path: target, content: content('hello\n'), owner: username })])).isIdempotent,
    ).toBe(true)
    expect(readFileSync(target, 'utf8')).toBe('hello\n')
  })

  it("does the steps of others as whoever runs the test, a function's too", async () => {
    const host = await shell()
    const who = (name: string, after: readonly Step[] = []) =>
      step({ name, title: name, as: 'nobody', after, check: sh`[ -e ~/${name} ]`, apply: sh`id -un >~/${name}` })
    const first = who('first')
    await host.run([first, who('second', [first])])
    await host.run(
      defineTask({ summary: 'Do it', run: async ({ step: establish }) => void (await establish(who('third'))) }),
    )
    const { username } = userInfo()
    for (const name of ['first', 'second', 'third']) expect(await host.read(name)).toBe(`${username}\n`)
  })

  it('runs functions, as whoever runs the test, with their own folder', async () => {
    const host = await shell({ 'src/a.txt': 'a' })
    const task = defineTask({
      summary: 'Do much',
      run: async ({ host: there, local, step: establish, ask, log }) => {
        await there.put(Buffer.from('put'), 'put.txt', { as: 'root', owner: 'root', mode: '0600' })
        await there.cd('src').sudo(sh`cat a.txt ../put.txt >b.txt; id -un >&2`)
        log(await ask('Really?'))
        const verdicts = await establish(step({ name: 'c', title: 'c', check: sh`[ -e ~/c ]`, apply: sh`: >~/c` }))
        return [(await local.run(sh`pwd; cat src/b.txt`)).stdout, verdicts, there.loginUser]
      },
    })
    const { returned, notes } = await host.run(task, { ask: { text: async () => 'yes' } })
    expect(returned).toEqual([`${host.folder}\naput`, { c: 'changed' }, userInfo().username])
    expect(notes).toEqual(['yes'])
  })

  it('is gone when it was removed', async () => {
    const host = await shellHost()
    await host.run(words, { params: { word: 'a' } })
    await host.remove()
    expect(existsSync(host.folder)).toBe(false)
    expect(existsSync(join(host.folder, '..'))).toBe(false)
  })

  it('rejects with what failed', async () => {
    const failing = [step({ name: 'failing', title: 'it is well', check: sh`false`, apply: sh`echo no luck; exit 3` })]
    await expect((await shell()).run(failing)).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('it is well'),
      output: 'no luck',
    })
  })
})

describe('steps', () => {
  const appending = step({
    name: 'appended',
    title: 'appended',
    check: sh`[ -e ~/log ]`,
    apply: sh`echo x >>~/log`,
  })

  it('are idempotent where the second run finds them met', async () => {
    expect(await isIdempotent(words, { params: { word: 'a' } })).toBe(true)
    expect(await isIdempotent([appending])).toBe(true)
  })

  it('are not where it changes something again, or a dry run said something else', async () => {
    const host = await shell()
    const again = always(sh`echo x >>~/log`, { name: 'log', because: 'it counts' })
    expect(await host.twice([again])).toEqual({
      isIdempotent: false,
      steps: { log: { dryRun: 'would change', first: 'changed', again: 'changed' } },
    })
    const guessing = step({
      name: 'guess',
      title: 'guess',
      check: sh`[ -e ~/asked ] || { : >~/asked; false; }`,
      apply: sh`:`,
    })
    expect((await host.twice([guessing])).steps).toEqual({
      guess: { dryRun: 'would change', first: 'met', again: 'met' },
    })
    expect(await isIdempotent([guessing])).toBe(false)
  })
})

describe('a function', () => {
  it('is idempotent where its steps are, and nobody can tell where it has none', async () => {
    const made = step({ name: 'made', title: 'made', check: sh`[ -e ~/made ]`, apply: sh`: >~/made` })
    const own = defineTask({ summary: 'Make', run: async ({ step: establish }) => void (await establish(made)) })
    expect(await isIdempotent(own)).toBe(true)
    await expect(isIdempotent(defineTask({ summary: 'Say', run: ({ log }) => log('x') }))).rejects.toMatchObject({
      code: 'usage',
      message: 'Cannot tell whether this is idempotent, because no step was done.',
      hint: 'try it with run, and look at what it leaves',
    })
  })
})

describe('what a task needs', () => {
  const base = defineTask({ name: 'base', summary: 'Base', local: () => ({ port: 1 }), params: { of: param.text() } })
  const named = defineTask({ name: 'named', summary: 'Named', result: () => 'computed', steps: () => [] })
  const task = defineTask({
    name: 'task',
    summary: 'Task',
    needs: { base, named },
    local: ({ needs }) => `${needs.base.port} ${needs.named}`,
  })

  it('is not done: the test says what it hands on', async () => {
    const tried = await scriptedHost().run(task, { needs: { base: { port: 8 } } })
    expect(tried.returned).toBe('8 computed')
    await expect(scriptedHost().run(task, { needs: { bace: 1 } })).rejects.toMatchObject({
      message: 'Cannot hand on "bace", because "task" needs nothing of that name.',
    })
  })

  it('must be said where it cannot be computed, and so must a site', async () => {
    await expect(scriptedHost().run(task)).rejects.toMatchObject({
      message: 'Cannot try "task", because it needs what "base" hands on, and that is not done here.',
      hint: 'say it: needs: { base: … }',
    })
    const sited = defineTask({
      name: 'sited',
      summary: '',
      params: { site: param.site() },
      local: ({ site }) => site?.name,
    })
    await expect(scriptedHost().run(sited)).rejects.toMatchObject({
      message: 'Cannot try "sited", because it is for a site, and none is named.',
      hint: "give it one: site: 'example.com'",
    })
    expect((await scriptedHost().run(sited, { site: 'example.com' })).returned).toBe('example.com')
  })
})

describe('a script that stands for a host', () => {
  const doing = (run: NonNullable<ReturnType<typeof defineTask>['run']>) =>
    defineTask({ name: 'doing', summary: 'Do', run })

  it('answers commands, and remembers who ran them where, with what', async () => {
    const host = scriptedHost({
      user: 'elspeth',
      commands: [
        ['hostname', 'web1\n'],
        [/^grep (\w+)$/, ({ command, input }) => ({ stdout: `${command} of ${input}`, exitCode: 1 })],
        ['make', { stdout: 'made', stderr: 'warned' }],
      ],
      files: { '/etc/motd': 'hello' },
    })
    const task = doing(async ({ host: there, local }) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of there.read('/etc/motd')) chunks.push(chunk)
      await there.get('/etc/motd', 'motd')
      await there.put('dist', '/srv/app', { replace: true })
      return [
        (await there.run(sh`hostname`)).stdout,
        (
          await there
            .cd('/srv')
            .cd('app')
            .env({ A: 1 })
            .sudo(sh`grep ${'x'}`, { as: 'www', input: 'words', ok: [0, 1] })
        ).stdout,
        (await local.run(sh`make`)).stderr,
        Buffer.concat(chunks).toString(),
        there.loginUser,
      ]
    })
    expect((await host.run(task)).returned).toEqual(['web1\n', 'grep x of words', 'warned', 'hello', 'elspeth'])
    expect(host.ran).toEqual([
      { command: 'hostname', isLocal: false, folders: [], variables: {} },
      { command: 'grep x', isLocal: false, as: 'www', folders: ['/srv', 'app'], variables: { A: '1' }, input: 'words' },
      { command: 'make', isLocal: true, folders: [expect.stringContaining('tasks-testing-')], variables: {} },
    ])
    expect(host.put).toEqual([{ source: 'dist', target: '/srv/app' }])
  })

  it('keeps what is promised of a command: exit codes, answers to prompts, secrets', async () => {
    const host = scriptedHost({
      commands: [
        ['login', { stdout: 'Password: hunter2\n' }],
        ['false', { exitCode: 1 }],
      ],
    })
    const { events } = await host.run(
      doing(async ({ host: there }) => {
        await there.run(sh`login`, { watch: [{ pattern: /Password:/, answer: secret('p', 'hunter2') }] })
      }),
    )
    expect(JSON.stringify(events)).not.toContain('hunter2')
    await expect(host.run(doing(({ host: there }) => there.run(sh`false`)))).rejects.toMatchObject({
      message: 'The command "false" on "test" ended with exit code 1.',
      hint: 'if that is no failure, allow it with ok: [0, 1]',
    })
  })

  it.each<[string, NonNullable<ReturnType<typeof defineTask>['run']>, Script, string, string]>([
    [
      'a command',
      async ({ host }) => void (await host.run(sh`rm -rf ${'/srv/my app'}`)),
      {
        commands: [
          ['ls', ''],
          [/^rm -rf \/tmp/, ''],
        ],
      },
      'The script of this host has no answer for the command "rm -rf /srv/my app" on the host.',
      'add it to commands, which has: "ls", /^rm -rf \\/tmp/',
    ],
    [
      'a command on this machine',
      async ({ local }) => void (await local.run(sh`npm publish`)),
      {},
      'The script of this host has no answer for the command "npm publish" on this machine.',
      'add it to commands',
    ],
    [
      'a file',
      async ({ host }) => void (await host.get('/etc/shadow', 'x')),
      { files: { '/etc/motd': '' } },
      'The script of this host has no answer for the file "/etc/shadow".',
      'add it to files, which has: /etc/motd',
    ],
  ])('fails the test at %s that is not in it, even where the task goes on', async (_, run, script, message, hint) => {
    const host = scriptedHost(script)
    await expect(host.run(doing(run))).rejects.toMatchObject({ message, hint })
    const patient = doing(async (context) => {
      try {
        await run(context)
      } catch {
        return 'went on'
      }
    })
    await expect(host.run(patient)).rejects.toMatchObject({ message, hint })
  })

  it('does no steps and carries no connections, and says so', async () => {
    const host = scriptedHost()
    const error = {
      code: 'usage',
      message: 'Cannot do steps on a scripted host, because they are a program, and that wants a real shell.',
      hint: 'try them on shellHost()',
    }
    const one = step({ name: 'one', title: 'one', apply: sh`:` })
    await expect(host.run([one])).rejects.toMatchObject(error)
    await expect(host.run(doing(async ({ step: establish }) => void (await establish(one))))).rejects.toMatchObject(
      error,
    )
    await expect(host.run(doing(({ host: there }) => there.forward({ there: 5432 })))).rejects.toMatchObject({
      message: 'Cannot carry connections to a scripted host, because nobody is there.',
      hint: 'try it on a real host',
    })
  })
})
