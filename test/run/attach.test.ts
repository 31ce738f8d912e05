import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Connection } from '../../src/core/connection.ts'
import type { Event } from '../../src/core/event.ts'
import { sh } from '../../src/core/sh.ts'
import { hostValue, type Step, step } from '../../src/core/step.ts'
import { attach } from '../../src/run/index.ts'
import { until } from '../hosts/until.ts'
import { type Machine, machine, shells } from '../program/harness.ts'
import { toldWhy } from '../told.ts'
import { cutting } from './cutting.ts'

const noRoot = toldWhy('attaching to runs', userInfo().uid === 0 ? undefined : 'the tests do not run as root')
const about = { run: 'one', task: 'deploy', site: 'a.example' } as const

describe.skipIf(noRoot !== undefined).each(shells)('in %s, somebody else', (shell) => {
  it('is told a run that has ended as it was told to whoever started it, and ends as it did', async () => {
    const here = machine(shell)
    const original = await here.run(steps(here), { head: about })
    const replayed = await attached(here)
    expect(told(replayed.events)).toEqual(told(original.events))
    expect(replayed).toMatchObject({ run: 'one', outcome: 'done', exitCode: 0, counts: { met: 1, changed: 3 } })
    expect(replayed.events.find(({ type }) => type === 'run.started')).toMatchObject({
      asked: { task: 'deploy', site: 'a.example', user: 'me', machine: 'here' },
    })
    expect(replayed.events.find(({ type }) => type === 'steps.planned')).toMatchObject({
      steps: [{}, {}, { task: 'test', step: 'test/b', title: 'title of b <number>' }, {}],
    })
    expect(replayed.events.at(-1)).toMatchObject({
      type: 'run.finished',
      run: 'one',
      wire: { channels: 1, requests: 1 },
    })
  })

  it('follows a run that is at work to its end, by site, host or name', async () => {
    const here = machine(shell)
    const { finished } = await begun(here)
    const following = [{ site: 'a.example' }, {}, { run: 'one' }].map((wanted) => follow(here, wanted))
    for (const { events } of following) await until(() => said(events).endsWith('waiting\n'))
    letGo(here)
    for (const { result } of following)
      expect(await result).toMatchObject({ run: 'one', exitCode: 0, counts: { changed: 3 } })
    expect((await finished).ending).toMatchObject({ how: 'done' })
  })

  it('leaves a run by Ctrl-C, and it goes on', async () => {
    const here = machine(shell)
    const { finished } = await begun(here)
    const leave = new AbortController()
    const { events, result } = follow(here, { stop: leave.signal })
    await until(() => said(events).endsWith('waiting\n'))
    leave.abort()
    expect(await result).toMatchObject({ exitCode: 130, outcome: 'unknown' })
    expect(failure(events)).toMatchObject({
      message: 'Left the run one on "here" alone: it goes on there.',
      hint: 'follow it again with: tasks attach --host here --run one',
    })
    letGo(here)
    expect((await finished).ending).toMatchObject({ how: 'done' })
  })

  it('hears each word once, however often the connection is cut', async () => {
    const here = machine(shell)
    const original = await here.run(steps(here), { head: about })
    for (const bytes of [700, 900]) {
      const { events, result } = follow(here, {
        connect: cutting(
          () => here.connect(),
          Array.from({ length: 20 }, () => ({ direction: 'received', bytes })),
        ),
        retryAfter: Array.from({ length: 20 }, () => 0),
      })
      expect(await result).toMatchObject({ exitCode: 0, outcome: 'done' })
      expect(told(events)).toEqual(told(original.events))
      expect(events.filter(({ type }) => type === 'host.lost').length).toBeGreaterThan(0)
    }
  })

  it('is told that a run died, and how to go on from there', async () => {
    const here = machine(shell)
    const { finished, pid } = await begun(here)
    process.kill(pid, 'SIGKILL')
    letGo(here)
    await finished
    const { events, exitCode } = await attached(here)
    expect([exitCode, failure(events)]).toMatchObject([
      1,
      {
        message: 'The run on "here" died in the middle, because the host restarted or the program was killed.',
        hint: 'go on from there with: tasks deploy --site a.example',
      },
    ])
  })

  it('is told what a failed run said, without knowing its steps', async () => {
    const here = machine(shell)
    const failing = step({ name: 'f', title: 'the fact', check: sh`false`, apply: sh`echo trouble; exit 7` })
    await here.run([failing], { head: about })
    const { events, exitCode } = await attached(here)
    expect([exitCode, failure(events)]).toMatchObject([
      1,
      {
        message: 'Cannot establish "the fact" on "here", because its command ended with exit code 7.',
        output: 'trouble',
      },
    ])
  })

  it('is told when there is no run to attach to', async () => {
    const here = machine(shell)
    expect(failure((await attached(here)).events)?.message).toBe(
      'Cannot attach to a run on "here", because it remembers no run.',
    )
    await here.run(steps(here), { head: about })
    expect(failure((await attached(here, { site: 'b.example' })).events)).toMatchObject({
      message: 'Cannot attach to a run on "here", because it remembers no run of b.example.',
      hint: 'see which there are: tasks runs --host here',
    })
    expect(failure((await attached(here, { run: '../one' })).events)?.message).toBe(
      'Cannot attach to a run on "here", because it remembers no run "../one".',
    )
  })
})

const number = hostValue('number')

function steps({ folder }: Machine): readonly Step[] {
  const made = (name: string, title = name) =>
    step({
      name,
      title,
      check: sh`test -e ${join(folder, name)}`,
      apply: sh`printf 'making %s\n' ${name}; : >${join(folder, name)}`,
    })
  return [
    step({ name: 'number', title: 'number', value: number, check: sh`printf 8` }),
    made('a'),
    made('b', 'title of b <number>'),
    made('c'),
  ]
}

type Wanted = Partial<Parameters<typeof attach>[0]>

function follow(here: Machine, options: Wanted = {}) {
  const events: Event[] = []
  const never = new AbortController().signal
  const connect: () => Promise<Connection> = () => here.connect()
  const emit = (event: Event) => void events.push(event)
  const host = { name: 'here', address: 'here' }
  return { events, result: attach({ host, emit, ask: {}, stop: never, kill: never, connect, ...options }) }
}

async function attached(here: Machine, options: Wanted = {}) {
  const { events, result } = follow(here, options)
  return { events, ...(await result) }
}

/** What steps did and said, without where chunks were cut. */
function told(events: readonly Event[]): readonly unknown[] {
  const ofSteps = events.filter(({ type }) => type.startsWith('step.') || type === 'value.set')
  return [...ofSteps.filter(({ type }) => type !== 'step.output'), said(events)]
}

function said(events: readonly Event[]): string {
  return events.flatMap((event) => (event.type === 'step.output' ? event.text : [])).join('')
}

function failure(events: readonly Event[]) {
  return events.find((event) => event.type === 'run.failed')
}

async function begun(here: Machine) {
  const [mark, done, go] = ['began', 'done', 'go'].map((name) => join(here.folder, name)) as [string, string, string]
  const waiting = step({
    name: 'waiting',
    title: 'waiting',
    check: sh`test -e ${done}`,
    apply: sh`echo waiting; : >${mark}; until test -e ${go}; do sleep 0.05; done; : >${done}`,
  })
  const [, first, , last] = steps(here) as [Step, Step, Step, Step]
  const finished = here.run([first, waiting, last], { head: about })
  await until(() => existsSync(mark))
  return { finished, pid: Number(readFileSync(join(here.folder, 'run/one/pid'), 'utf8')) }
}

function letGo({ folder }: Machine): void {
  writeFileSync(join(folder, 'go'), '')
}
