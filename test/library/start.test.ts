import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { secret } from '../../src/core/data.ts'
import type { Event } from '../../src/core/event.ts'
import {
  attach,
  call,
  defineTask,
  loadProject,
  param,
  printScript,
  type Run,
  sh,
  start,
  TasksError,
} from '../../src/door.ts'
import { projectOf } from '../cli/command-line.ts'
import { sshdProgram } from '../transport/sshd.ts'
import { eventsOf, type OnSshd, onSshd } from './on-sshd.ts'

const count = defineTask({
  name: 'count',
  summary: 'Count',
  params: {
    to: param.number({ min: 1 }),
    word: param.text({ default: 'number' }),
    key: param.secret({ isOptional: true }),
  },
  local: async ({ params, local, log }) => {
    for (let number = 1; number <= params.to; number++) log(`${params.word} ${number}`)
    if (params.key) await local.run(sh`cat ${params.key}`)
    return params.to * 2
  },
})

const twice = defineTask({
  name: 'twice',
  summary: 'Count twice',
  needs: { count },
  local: ({ needs, params: _ }) => `twice: ${needs.count}`,
})

const ask = defineTask({
  name: 'ask',
  summary: 'Ask',
  local: async ({ ask: question }) => await question('Which one?'),
})

const empty = () => loadProject({ cwd: projectOf({ 'tasks.config.json': '{}' }) })
const notes = (events: readonly Event[]) =>
  events.flatMap((event) => (event.type === 'note.told' ? [event.message] : []))

describe('a run of a program', () => {
  it('tells its events in order to each reader, however slow or late, and what came of it', async () => {
    const run = start(await empty(), count, { params: { to: 300 } })
    const slow: Event[] = []
    for await (const event of run) {
      if (slow.length < 5) await new Promise((resolve) => setImmediate(resolve))
      slow.push(event)
    }
    const result = await run.result
    expect(notes(slow)).toEqual(Array.from({ length: 300 }, (_, index) => `number ${index + 1}`))
    expect([slow.at(0)?.type, slow.at(-1)?.type]).toEqual(['run.started', 'run.finished'])
    expect(await eventsOf(run)).toEqual(slow)
    expect(result).toMatchObject({ outcome: 'done', exitCode: 0, hosts: [], wouldRun: 0 })
    expect(result.returned).toEqual([{ task: 'count', value: 600 }])
    result.returned[0]?.value satisfies number | undefined
  })

  it('goes on when nobody listens any more', async () => {
    const run = start(await empty(), count, { params: { to: 3 } })
    for await (const event of run) if (event.type === 'run.started') break
    await expect(
      (async () => {
        for await (const event of run) throw new Error(`cannot take ${event.type}`)
      })(),
    ).rejects.toThrow('cannot take run.started')
    expect((await run.result).returned).toEqual([{ task: 'count', value: 6 }])
  })

  it('is of several tasks, with what one returned in the hands of the next', async () => {
    const run = start(await empty(), [call(count, { to: 2 }), twice], { params: { to: 2 } })
    const events = await eventsOf(run)
    expect(notes(events)).toEqual(['number 1', 'number 2'])
    expect((await run.result).returned).toEqual([
      { task: 'count', value: 4 },
      { task: 'twice', value: 'twice: 4' },
    ])
  })

  it('is apart from another one at the same time', async () => {
    const project = await empty()
    const runs = ['a', 'b'].map((word) => start(project, count, { params: { to: 50, word } }))
    const [first = [], second = []] = await Promise.all(runs.map(eventsOf))
    expect(new Set(notes(first).map((text) => text[0]))).toEqual(new Set(['a']))
    expect(new Set(notes(second).map((text) => text[0]))).toEqual(new Set(['b']))
    const [one, other] = await Promise.all(runs.map(({ result }) => result))
    expect(one?.run).not.toBe(other?.run)
  })

  it('leaves the process alone', async () => {
    const before = { listeners: process.eventNames().map((name) => process.listenerCount(name)), cwd: process.cwd() }
    const written: unknown[] = []
    const { write } = process.stdout
    process.stdout.write = (text) => written.push(text) > 0
    const run = start(await empty(), count, { params: { to: 1 } })
    const during = process.eventNames().map((name) => process.listenerCount(name))
    await run.result
    process.stdout.write = write
    const after = { listeners: process.eventNames().map((name) => process.listenerCount(name)), cwd: process.cwd() }
    expect({ written, during, after, exitCode: process.exitCode }).toEqual({
      written: [],
      during: before.listeners,
      after: before,
      exitCode: undefined,
    })
  })

  it('stops before what has not begun when it is told to', async () => {
    const first = defineTask({
      name: 'first',
      summary: 'Wait for a stop',
      local: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
    })
    const stopped = { outcome: 'interrupted', exitCode: 130 }
    const controller = new AbortController()
    const byRun = start(await empty(), [first, count], { params: { to: 1 } })
    const bySignal = start(await empty(), [first, count], { params: { to: 1 }, signal: controller.signal })
    for (const [run, stop] of [
      [byRun, () => byRun.stop()],
      [bySignal, () => controller.abort()],
    ] as const) {
      for await (const event of run) if (event.type === 'task.started') stop()
      expect(failureOf(await eventsOf(run))).toBe('Stopped before "count" began.')
      expect(await run.result).toMatchObject(stopped)
    }
  })

  it('shows no secret in its events', async () => {
    for (const key of ['correct horse battery', secret('key', 'correct horse battery')]) {
      const events = await eventsOf(start(await empty(), count, { params: { to: 1, key } }))
      expect(events.flatMap((event) => (event.type === 'command.output' ? [event.text] : []))).toEqual(['***'])
      expect(JSON.stringify(events)).not.toContain('horse')
    }
  })
})

describe('a question of a run', () => {
  it('is answered by the program', async () => {
    const asked: unknown[] = []
    const text = async (question: unknown) => {
      asked.push(question)
      return 'that one'
    }
    const { result } = start(await empty(), ask, { ask: { text } })
    expect((await result).returned).toEqual([{ task: 'ask', value: 'that one' }])
    expect(asked).toEqual([{ message: 'Which one?' }])
  })

  it('fails what asked where nobody answers, or the answer is thrown', async () => {
    const unanswered = start(await empty(), ask)
    expect(failureOf(await eventsOf(unanswered))).toContain('Which one?')
    expect(await unanswered.result).toMatchObject({ outcome: 'failed', exitCode: 2 })
    const text = async () => Promise.reject(new Error('the line is dead.'))
    const thrown = start(await empty(), ask, { ask: { text } })
    expect(failureOf(await eventsOf(thrown))).toBe(
      'Cannot go on without an answer, because ask.text threw: the line is dead.',
    )
  })

  it('that is open when the run is to stop is given up', async () => {
    const controller = new AbortController()
    const text = () => {
      controller.abort()
      return new Promise<string>(() => undefined)
    }
    const run = start(await empty(), ask, { ask: { text }, signal: controller.signal })
    expect(failureOf(await eventsOf(run))).toBe('Stopped at a question.')
    expect(await run.result).toMatchObject({ outcome: 'interrupted', exitCode: 130 })
  })
})

describe('what cannot begin', () => {
  const rejected = async (run: Run) => {
    const error: unknown = await run.result.catch((cause: unknown) => cause)
    await expect(eventsOf(run)).rejects.toBe(error)
    expect(error).toBeInstanceOf(TasksError)
    const { code, message, hint } = error as TasksError
    return [code, message, hint]
  }

  it.each<
    [string, Parameters<typeof start>[1], NonNullable<Parameters<typeof start>[2]>, readonly (string | undefined)[]]
  >([
    [
      'a task that there is not',
      'deplyo',
      {},
      ['Cannot run "deplyo", because there is no such task.', 'did you mean "deploy"?'],
    ],
    ['no task', [], {}, ['Cannot run nothing, because a run is of one task at least.', undefined]],
    [
      'a task without a name',
      defineTask({ summary: 'Be nobody' }),
      {},
      [
        'Cannot run the task "Be nobody", because it has no name.',
        'give it one, or start it by the name under which the project lists it',
      ],
    ],
    [
      'a missing argument',
      [count],
      {},
      ['Cannot run "count", because its parameter "to" is missing.', 'give it as params.to'],
    ],
    [
      'an unknown argument',
      [count],
      { params: { to: 1, wrod: 'x' } },
      ['Cannot run "count", because it has no parameter "wrod".', 'did you mean "word"?'],
    ],
    [
      'a value that cannot be',
      [count],
      { params: { to: '0' } },
      ['Cannot use "0" as a number, because it is less than 1.', 'look at params.to'],
    ],
    [
      'a site that there is not',
      'deploy',
      { site: 'a.example' },
      ['Cannot find site "a.example", because tasks.config.json has no such site.', 'add --host user@address'],
    ],
    [
      'two sites',
      [call(defineTask({ name: 'a', summary: '', params: { site: param.site() } }), { site: 'b.example' })],
      { site: 'a.example' },
      [
        'Cannot run this, because a run is for one site, and two are named: "a.example" and "b.example".',
        'start a run for each',
      ],
    ],
    ['no host', 'provision', {}, ['Cannot provision, because no host is named.', 'add --host user@address']],
    [
      'questions about steps that nobody answers',
      [count],
      { mode: 'step' },
      ['Cannot ask about each step, because ask.step is missing.', "give it, or use mode: 'dry-run'"],
    ],
    [
      'a number of hosts that is none',
      [count],
      { jobs: 0.5 },
      ['Cannot use jobs, because it must be a whole number from 1.', undefined],
    ],
    [
      'a part that it does not have',
      [count, ask],
      { params: { to: 1 }, only: ['x'] },
      ['Cannot narrow "count ask" to "x", because that is not part of it.', 'use one of: count, ask'],
    ],
  ])('rejects and throws: %s', async (_, wanted, options, [message, hint]) => {
    expect(await rejected(start(await empty(), wanted as string, options))).toEqual(['usage', message, hint])
  })

  it('is what a broken config describes', async () => {
    await expect(loadProject({ cwd: projectOf({ 'tasks.config.json': '{"hots":{}}' }) })).rejects.toMatchObject({
      code: 'config',
      hint: 'did you mean "hosts"?',
    })
  })

  it('is what was stopped before', async () => {
    const run = start(await empty(), count, { params: { to: 1 }, signal: AbortSignal.abort() })
    expect(await rejected(run)).toEqual(['interrupted', 'Stopped before anything was done.', undefined])
  })
})

describe('what somebody must agree to', () => {
  const shout = defineTask({
    name: 'shout',
    summary: 'Shout',
    confirm: 'This is heard by {word}',
    params: { word: param.text() },
    local: () => 'loud',
  })
  const change = defineTask({
    name: 'change',
    summary: 'Change',
    lock: 'site',
    params: { site: param.site() },
    steps: () => [],
  })
  const config = {
    hosts: { web1: { address: '127.0.0.1', port: 1 } },
    stages: { production: { protected: true } },
    sites: { 'example.com': { host: 'web1', stage: 'production' } },
  }
  const guarded = () => loadProject({ cwd: projectOf({ 'tasks.config.json': JSON.stringify(config) }) })

  it('is not done before somebody has', async () => {
    const params = { word: 'all' }
    await expect(start(await empty(), shout, { params }).result).rejects.toMatchObject({
      code: 'usage',
      message: 'Cannot run "shout", because it must be agreed to: This is heard by all.',
      hint: 'add yes: true',
    })
    const looked = await start(await empty(), shout, { params, mode: 'dry-run' }).result
    expect(looked).toMatchObject({ exitCode: 0, returned: [] }) // which does nothing, and is asked about nothing
    expect((await start(await empty(), shout, { params, yes: true }).result).returned).toMatchObject([
      { value: 'loud' },
    ])
  })

  it('is named, where its stage is protected', async () => {
    const project = await guarded()
    await expect(start(project, change).result).rejects.toMatchObject({
      code: 'usage',
      message: 'Cannot change, because stage "production" of "example.com" is protected, and nobody has confirmed it.',
      hint: "add confirm: 'example.com'",
    })
    await expect(start(project, change, { confirm: 'exmple.com' }).result).rejects.toMatchObject({
      message: 'Cannot change, because confirm says "exmple.com", and it is for "example.com".',
      hint: "look again; then write: confirm: 'example.com'",
    })
    expect(await start(project, change, { confirm: 'Example.com' }).result).toMatchObject({ exitCode: 4 })
  })
})

describe.skipIf(sshdProgram === undefined)('a run of a program on hosts', () => {
  let here: OnSshd
  beforeAll(async () => {
    here = await onSshd(['web1', 'web2'])
  })
  afterAll(() => here.close())

  const files = {
    'tasks/facts.ts': `import { userInfo } from 'node:os'
import { defineTask, rawShell, sh, step } from 'tasks-ssh'
const as = userInfo().username
const made = (name: string) => step({
  name, title: name, as, check: rawShell('[ -e "$HOST_FOLDER/' + name + '" ]'), apply: rawShell('echo making ' + name + '; : >"$HOST_FOLDER/' + name + '"'),
})
export const facts = defineTask({ summary: 'Make facts', steps: () => ['one', 'two', 'three'].map(made) })
export const slow = defineTask({
  summary: 'Take long', steps: () => [made('begun'), step({ name: 'long', title: 'long', as, apply: sh\`echo sleeping; sleep 600\` }), made('never')],
})
export const where = defineTask({ summary: 'Say where', run: async ({ host }) => (await host.run(rawShell('basename "$HOST_FOLDER"'))).stdout.trim() })
`,
  }

  it('looks, asks about each step, makes it so, and finds it so; and can be told again', async () => {
    const project = await here.project(files)
    const hosts = ['web1']
    expect((await start(project, 'facts', { hosts, mode: 'dry-run' }).result).counts).toMatchObject({ wouldChange: 3 })
    const titles: string[] = []
    const asked = start(project, 'facts', {
      hosts,
      mode: 'step',
      ask: { step: async ({ title }) => (titles.push(title) === 2 ? 'skip' : 'apply') },
    })
    expect((await asked.result).counts).toMatchObject({ changed: 2, skipped: 1 })
    expect(titles).toEqual(['one', 'two', 'three'])
    expect((await start(project, 'facts', { hosts }).result).counts).toMatchObject({ met: 2, changed: 1 })
    const { result } = start(project, 'facts', { hosts })
    expect(await result).toMatchObject({ outcome: 'done', counts: { met: 3 }, wire: { connections: 1 } })
    const again = attach(project, { host: 'web1' })
    const story = await eventsOf(again)
    expect(story.flatMap((event) => (event.type === 'step.finished' ? [event.verdict] : []))).toEqual([
      'met',
      'met',
      'met',
    ])
    expect((await again.result).run).toBe((await result).run)
    expect(await printScript(project, 'facts', { hosts })).toContain('echo making two')
    await expect(printScript(project, 'facts')).rejects.toMatchObject({
      message: 'Cannot print one script for 2 hosts, because each gets its own.',
    })
  })

  it('has what each host returned, and keeps them apart', async () => {
    const run = start(await here.project(files), 'where', { hosts: ['@all'], jobs: 1 })
    expect((await run.result).returned).toEqual([
      { task: 'where', host: 'web1', value: 'web1' },
      { task: 'where', host: 'web2', value: 'web2' },
    ])
  })

  it('is apart from another one on another host at the same time', async () => {
    const project = await here.project(files)
    const runs = ['web1', 'web2'].map((name) => start(project, 'where', { hosts: [name] }))
    const told = await Promise.all(runs.map(eventsOf))
    const hosts = told.map((events) => new Set(events.flatMap((event) => ('host' in event ? [event.host] : []))))
    expect(hosts).toEqual([new Set(['web1']), new Set(['web2'])])
    const results = await Promise.all(runs.map(({ result }) => result))
    expect(results.map(({ returned }) => returned[0]?.value)).toEqual(['web1', 'web2'])
  })

  it('ends the step that runs when it is killed', async () => {
    const project = await here.project(files)
    const run = start(project, 'slow', { hosts: ['web2'] })
    const ends: string[] = []
    for await (const event of run) {
      if (event.type === 'step.output' && event.text.includes('sleeping')) {
        run.kill()
      }
      if (event.type === 'step.finished') ends.push(`${event.title}: ${event.verdict}`)
    }
    expect(ends).toEqual(['begun: changed', 'long: failed', 'never: skipped'])
    expect(await run.result).toMatchObject({ outcome: 'interrupted', exitCode: 130 })
  })
})

function failureOf(events: readonly Event[]): string {
  return events.flatMap((event) => (event.type === 'run.failed' ? [event.message] : [])).join('\n')
}
