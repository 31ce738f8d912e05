import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { param } from '../../src/config/param.ts'
import type { Ask } from '../../src/core/ask.ts'
import { TasksError } from '../../src/core/errors.ts'
import { sh } from '../../src/core/sh.ts'
import { step } from '../../src/core/step.ts'
import { type AnyTask, call, defineTask } from '../../src/core/task.ts'
import { runHere } from './run-here.ts'

describe('a run with functions', () => {
  it('does tasks of this machine between those of hosts, when all hosts are done', async () => {
    const { folder, said, marks } = place()
    const build = defineTask({ name: 'build', summary: '', local: () => said('build') })
    const facts = defineTask({ name: 'facts', summary: '', needs: { build }, steps: () => [marks('facts')] })
    const look = defineTask({
      name: 'look',
      summary: '',
      needs: { facts },
      run: ({ host }) => said(`look at ${host.name}`),
    })
    const tell = defineTask({ name: 'tell', summary: '', needs: { look }, local: () => said('tell') })
    const ran = await runHere(tell, { hosts: ['one', 'two'], jobs: 1 })
    expect(ran).toMatchObject({ outcome: 'done', exitCode: 0, failures: [] })
    expect(readFileSync(join(folder, 'said'), 'utf8').trim().split('\n')).toEqual([
      'build',
      'facts',
      'look at one',
      'look at two',
      'tell',
    ])
  })

  it('hands what a function returned to the tasks that need it, on each host its own', async () => {
    const heard: unknown[] = []
    const who = defineTask({ name: 'who', summary: '', run: ({ host }) => `I am ${host.name}` })
    const day = defineTask({ name: 'day', summary: '', local: () => 'today' })
    const steps = defineTask({
      name: 'steps',
      summary: '',
      needs: { who, day },
      steps: ({ needs }) => {
        heard.push([needs.who, needs.day])
        return []
      },
    })
    const end = defineTask({
      name: 'end',
      summary: '',
      needs: { steps, who },
      local: ({ needs }) => void heard.push(needs.who),
    })
    await runHere(end, { hosts: ['one', 'two'], jobs: 1 })
    expect(heard).toEqual([['I am one', 'today'], ['I am two', 'today'], 'I am one'])
  })

  it('does no function in a dry run, looks at the steps all the same, and tells what it could not look at', async () => {
    const { said, marks } = place()
    const build = defineTask({ name: 'build', summary: '', local: () => said('build') })
    const chat = defineTask({ name: 'chat', summary: '', needs: { build }, run: () => ({ size: 3 }) })
    const facts = defineTask({ name: 'facts', summary: '', needs: { build }, steps: () => [marks('facts')] })
    const sized = defineTask({
      name: 'sized',
      summary: '',
      needs: { chat },
      steps: ({ needs }) => [marks(`s${needs.chat.size}`)],
    })
    const all = defineTask({ name: 'all', summary: '', needs: { facts, sized } })
    const ran = await runHere(all, { mode: 'dry-run' })
    expect(ran.functions).toEqual(['here build: would run', 'one chat: would run'])
    expect(ran).toMatchObject({ outcome: 'done', wouldRun: 2, counts: { wouldChange: 1 } })
    expect(ran.events).toContainEqual({
      ...{ type: 'note.told', level: 'note', host: 'one', task: 'sized' },
      message: 'What "sized" would change is decided by what "chat" returns, and that is done in the run only.',
    })
  })

  it('needs neither host nor connection for tasks of this machine alone', async () => {
    const front = defineTask({ name: 'front', summary: '', local: () => 'built' })
    const ran = await runHere(front, { hosts: [], connect: () => Promise.reject(new Error('nobody is there')) })
    expect(ran).toMatchObject({ outcome: 'done', functions: ['here front: done'], wouldRun: 0 })
    expect(ran.events.at(-1)).toMatchObject({ type: 'run.finished', wire: { connections: 0, channels: 0 } })
  })

  it('leaves out a function that says that it has nothing to do, in a dry run too', async () => {
    const idle = defineTask({ name: 'idle', summary: '', when: () => false, local: () => 1 })
    expect((await runHere(idle)).functions).toEqual([])
    expect((await runHere(idle, { mode: 'dry-run' })).functions).toEqual([])
  })

  it('goes on with nothing after a function that failed, and says where that was', async () => {
    const { said } = place()
    const wrong = defineTask({
      name: 'wrong',
      summary: '',
      run: ({ host }) => {
        if (host.name === 'one') throw new TasksError({ code: 'failed', message: 'The disk is not there.' })
      },
    })
    const later = defineTask({ name: 'later', summary: '', needs: { wrong }, local: () => said('later') })
    const ran = await runHere(later, { hosts: ['one', 'two'] })
    expect(ran).toMatchObject({ outcome: 'failed', exitCode: 1 })
    expect(ran.functions.toSorted()).toEqual(['one wrong: failed', 'two wrong: done'])
    expect(ran.events).toContainEqual({
      ...{ type: 'run.failed', code: 'failed', host: 'one', task: 'wrong', message: 'The disk is not there.' },
    })
  })

  it('tells what a function threw by mistake, and where', async () => {
    const wrong = defineTask({
      name: 'wrong',
      summary: '',
      local: () => {
        throw new RangeError('out of feathers')
      },
    })
    const { events } = await runHere(wrong, { hosts: [] })
    const failed = events.find((event) => event.type === 'run.failed')
    expect(failed?.message).toBe('Cannot finish "wrong", because it threw: out of feathers.')
    expect(failed?.output).toContain('functions.test.ts')
  })

  it('cleans up what a function asked for, the last first, whether it did well or not', async () => {
    const { folder, said } = place()
    const tidy = (name: string, fails: boolean) =>
      defineTask({
        name,
        summary: '',
        local: ({ cleanup }) => {
          cleanup(() => said(`${name} first`))
          cleanup(() => Promise.reject(new Error('cannot tidy up')))
          cleanup(() => said(`${name} last`))
          if (fails) throw new Error('on purpose')
        },
      })
    expect((await runHere(tidy('good', false), { hosts: [] })).failures).toEqual([
      'Cannot finish "good", because it threw: cannot tidy up.',
    ])
    expect((await runHere(tidy('bad', true), { hosts: [] })).failures).toEqual([
      'Cannot finish "bad", because it threw: on purpose.',
    ])
    expect(readFileSync(join(folder, 'said'), 'utf8')).toBe('good last\ngood first\nbad last\nbad first\n')
  })

  it('brings steps in between, and gives their verdicts', async () => {
    const { marks } = place()
    const verdicts: unknown[] = []
    const mixed = defineTask({
      name: 'mixed',
      summary: '',
      run: async (context) => {
        verdicts.push(await context.step(marks('a')), await context.step(marks('a'), marks('b')))
      },
    })
    const ran = await runHere(mixed)
    expect(verdicts).toEqual([{ a: 'changed' }, { a: 'met', b: 'changed' }])
    expect(ran).toMatchObject({ outcome: 'done', counts: { changed: 2, met: 1 } })
  })

  it('ends a function at a step that fails, and names the step', async () => {
    const broken = step({
      name: 'broken',
      title: 'it holds',
      as: userInfo().username,
      check: sh`false`,
      apply: sh`true`,
    })
    const mixed = defineTask({ name: 'mixed', summary: '', run: async (context) => void (await context.step(broken)) })
    const { events, functions } = await runHere(mixed)
    expect(functions).toEqual(['one mixed: failed'])
    expect(events.filter((event) => event.type === 'run.failed')).toEqual([
      expect.objectContaining({ host: 'one', task: 'mixed', step: 'mixed/broken' }),
    ])
  })

  it('answers a question with its default where nobody can be asked, and refuses where there is none', async () => {
    const answers: unknown[] = []
    const asks = defineTask({
      name: 'asks',
      summary: '',
      local: async ({ ask }) => {
        answers.push(await ask('Which?', { default: 'this' }), await ask.confirm('Sure?', { default: true }))
        await ask('And now?')
      },
    })
    const { failures, exitCode } = await runHere(asks, { hosts: [] })
    expect(answers).toEqual(['this', true])
    expect(failures).toEqual(['Cannot ask "And now?", because standard input is not a terminal.'])
    expect(exitCode).toBe(2)
  })

  it('cannot do without what a task returns that --only leaves out', async () => {
    const who = defineTask({ name: 'who', summary: '', local: () => 'me' })
    const use = defineTask({ name: 'use', summary: '', needs: { who }, local: ({ needs }) => needs.who })
    const { failures } = await runHere(use, { hosts: [], only: ['use'] })
    expect(failures).toEqual([
      'Cannot go on without "who", because what it returns is needed, and it was not done in this run.',
    ])
  })

  it('does a task once for the same arguments, and again for others or when told so', async () => {
    const done: unknown[] = []
    const params = { table: param.text({ default: 'all' }) }
    const dump = defineTask({ name: 'dump', summary: '', params, local: (it) => void done.push(it.params.table) })
    const needs = {
      a: dump,
      b: call(dump, { table: 'users' }),
      c: call(dump, { table: 'users' }),
      d: call(dump, {}, { again: true }),
    }
    const ran = await runHere(defineTask({ name: 'end', summary: '', needs, local: () => undefined }), { hosts: [] })
    expect(done).toEqual(['all', 'users', 'all'])
    expect(ran.functions).toEqual(['here dump: done', 'here dump (2): done', 'here dump (3): done', 'here end: done'])
  })

  it('asks about each function, step by step', async () => {
    const asked: string[] = []
    const one = defineTask({ name: 'one', summary: '', local: () => undefined })
    const two = defineTask({ name: 'two', summary: '', needs: { one }, run: () => undefined })
    const three = defineTask({ name: 'three', summary: '', needs: { two }, local: () => undefined })
    const answers = ['skip', 'apply', 'abort'] as const
    const step: NonNullable<Ask['step']> = async ({ host, title }) => {
      asked.push(`${host}: ${title}`)
      return answers[asked.length - 1] ?? 'abort'
    }
    const ran = await runHere(three, { mode: 'step', ask: { step } })
    expect(asked).toEqual(['this machine: do "one"', 'one: do "two"', 'this machine: do "three"'])
    expect(ran.functions).toEqual(['here one: skipped', 'one two: done'])
    expect(ran).toMatchObject({ outcome: 'interrupted', failures: ['Stopped before "three" began.'] })
  })

  it('begins no function after Ctrl-C', async () => {
    const stop = new AbortController()
    const first = defineTask({ name: 'first', summary: '', local: () => stop.abort() })
    const second: AnyTask = defineTask({ name: 'second', summary: '', needs: { first }, local: () => undefined })
    const ran = await runHere(second, { hosts: [], stop: stop.signal })
    expect(ran).toMatchObject({ outcome: 'interrupted', exitCode: 130, failures: ['Stopped before "second" began.'] })
  })
})

describe('a run on several hosts', () => {
  const order = (done: string[], failing: readonly string[] = []) =>
    defineTask({
      name: 'look',
      summary: '',
      run: async ({ host }) => {
        done.push(`${host.name} begins`)
        await setImmediate()
        done.push(`${host.name} ends`)
        if (failing.includes(host.name)) throw new TasksError({ code: 'failed', message: `${host.name} is broken.` })
      },
    })

  it('lets all of a batch end before the next one begins', async () => {
    const done: string[] = []
    await runHere(order(done), { hosts: ['a', 'b', 'c'], batch: 2 })
    expect(done).toEqual(['a begins', 'b begins', 'a ends', 'b ends', 'c begins', 'c ends'])
  })

  it('begins no other batch once a host failed, and says which were left', async () => {
    const done: string[] = []
    const ran = await runHere(order(done, ['b']), { hosts: ['a', 'b', 'c', 'd'], batch: 2 })
    expect(done.filter((word) => word.endsWith('begins'))).toEqual(['a begins', 'b begins'])
    expect(ran.failures).toEqual(['b is broken.', 'Left c, d as they were, because 1 host before failed.'])
    expect(ran).toMatchObject({ outcome: 'interrupted', exitCode: 1 })
    expect(ran.hosts.map(({ host, outcome }) => `${host} ${outcome}`)).toEqual([
      ...['a done', 'b failed', 'c interrupted', 'd interrupted'],
    ])
  })

  it('bears as many failures as it is told', async () => {
    const done: string[] = []
    const ran = await runHere(order(done, ['a', 'b']), { hosts: ['a', 'b', 'c', 'd'], jobs: 1, maxFailures: 1 })
    expect(done.filter((word) => word.endsWith('begins'))).toEqual(['a begins', 'b begins'])
    expect(ran.failures.at(-1)).toBe('Left c, d as they were, because 2 hosts before failed.')
  })

  it('does what must happen once on the first host, or on the one that the config names', async () => {
    const done: string[] = []
    const once = defineTask({ name: 'once', summary: '', on: 'primary', run: ({ host }) => done.push(host.name) })
    await runHere(once, { hosts: ['a', 'b'] })
    await runHere(once, { hosts: ['a', 'b'], primary: 'b' })
    expect(done).toEqual(['a', 'b'])
  })

  it('does the task of a group on its hosts alone, and hands what it returned to all', async () => {
    const heard: unknown[] = []
    const dump = defineTask({ name: 'dump', summary: '', on: '@db', run: ({ host }) => `of ${host.name}` })
    const use = defineTask({
      name: 'use',
      summary: '',
      needs: { dump },
      run: ({ needs }) => void heard.push(needs.dump),
    })
    const ran = await runHere(use, { hosts: ['b', 'a'], groups: { db: ['b'] }, jobs: 1 })
    expect(heard).toEqual(['of b', 'of b'])
    expect(ran.functions).toEqual(['b dump: done', 'b use: done', 'a use: done'])
    const nowhere = await runHere(dump, { hosts: ['a'] })
    expect(nowhere.failures).toEqual(['Cannot do "dump" on @db, because the config has no such group.'])
  })
})

/** A folder where functions and steps leave a line each. */
function place() {
  const folder = mkdtempSync(join(tmpdir(), 'tasks-functions-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'said')
  const said = async (words: string) => {
    const { appendFile } = await import('node:fs/promises')
    await appendFile(file, `${words}\n`)
  }
  const marks = (name: string) =>
    step({
      name,
      title: name,
      as: userInfo().username,
      check: sh`[ -e ${join(folder, name)} ]`,
      apply: sh`echo ${name} >>${file}; : >${join(folder, name)}`,
    })
  return { folder, said, marks }
}
