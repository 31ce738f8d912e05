import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Event } from '../../src/core/event.ts'
import type { PastRun } from '../../src/core/past-run.ts'
import { sh } from '../../src/core/sh.ts'
import { type Step, step } from '../../src/core/step.ts'
import { runsListed } from '../../src/steps/runs.ts'
import { until } from '../hosts/until.ts'
import { type Machine, machine, type Outcome, type RunOptions, shells } from './harness.ts'

describe.each(shells)('in %s, a run', (shell) => {
  it('leaves who asked for what, its plan, its journal and its end, and nothing when it only looks or is a dry run', async () => {
    const here = machine(shell)
    const steps = [made(here, "a 'file'"), made(here, 'b')]
    await here.run(steps, { mode: 'dry-run' })
    await here.run([step({ name: 'looks', title: 'looks', check: sh`true` })])
    expect(existsSync(join(here.folder, 'state'))).toBe(false)
    await here.run(steps, { head: { run: 'one', user: 'Zoë Q', machine: 'laptop', task: 'deploy', site: 'a.example' } })
    const left = (name: string) => readFileSync(join(here.folder, 'state/runs/one', name), 'utf8')
    await until(() => readdirSync(join(here.folder, 'state/runs/one')).includes('finished') && left('finished') !== '')
    expect(left('head')).toMatch(/^tasks-test-\S+ one run refuse Zoë_Q laptop now one deploy a\.example\n$/)
    expect(left('plan')).toBe(`["test","a 'file'","title of a 'file'",30,1800]\n["test","b","title of b",30,1800]\n`)
    expect(left('journal')).toContain(' finish done 2 2\n')
    expect(left('finished')).toBe('done 2 2\n')
  })

  it('leaves another one alone that is about to say who it is, and clears away what a dead one left', async () => {
    const here = machine(shell)
    for (const [run, pid] of [
      ['beginning', ''],
      ['dead', '2147483647\n'],
    ] as const) {
      mkdirSync(join(here.folder, 'run', run), { recursive: true })
      writeFileSync(join(here.folder, 'run', run, 'pid'), pid)
    }
    await here.run([made(here, 'a')])
    expect(['beginning', 'dead'].map((run) => existsSync(join(here.folder, 'run', run)))).toEqual([true, false])
  })

  it('is listed with what came of it, newest first by the clock of the host, also by site', async () => {
    const here = machine(shell)
    expect(await listed(here)).toEqual([])
    const about = (run: string, site?: string): RunOptions => ({
      head: { run, user: 'me', machine: 'laptop', since: '2026-11-22T14:02:00Z', task: 'deploy', site },
    })
    await here.run([made(here, 'a'), made(here, 'b')], about('z', 'a.example'))
    await here.run([made(here, 'a'), failing], about('y'))
    await here.run([made(here, 'a')], about('x', 'a.example'))
    for (const [index, run] of ['z', 'y', 'x'].entries()) aged(here, run, 10 - index)
    const known = { mode: 'run', user: 'me', machine: 'laptop', since: '2026-11-22T14:02:00Z', task: 'deploy' }
    expect(await listed(here)).toMatchObject([
      { ...known, run: 'x', state: 'done', changed: 0, site: 'a.example' },
      { ...known, run: 'y', state: 'failed', changed: 1, place: { number: 2, of: 2, task: 'test', name: 'failing' } },
      { ...known, run: 'z', state: 'done', changed: 2, site: 'a.example' },
    ])
    expect((await listed(here, 'a.example')).map(({ run }) => run)).toEqual(['x', 'z'])
  })

  it('is told to be running, and at which step; and to whoever wants its lock', async () => {
    const here = machine(shell)
    const { finished } = await begun(here, { head: { run: 'one', task: 'frontend deploy', site: 'a.example' } })
    const place = { number: 2, of: 3, task: 'test', name: 'waiting', title: 'waiting', isAtWork: true }
    expect(await listed(here)).toMatchObject([{ run: 'one', state: 'running', place }])
    const refused = await here.run([section([made(here, 'c')])])
    const holder = {
      user: 'me',
      machine: 'here',
      since: 'now',
      run: 'one',
      task: 'frontend deploy',
      site: 'a.example',
      place,
    }
    expect(refused.ending).toMatchObject({ kind: 'finished', how: 'locked', lock: { lock: 'site-a', holder } })
    const waiting: Event[] = []
    const second = here.run([section([made(here, 'c')])], {
      head: { wait: true },
      onEvent: (event) => void waiting.push(event),
    })
    await until(() => waiting.some(({ type }) => type === 'lock.waiting'))
    expect(waiting).toContainEqual({ type: 'lock.waiting', host: 'here', lock: 'site-a', holder })
    letGo(here)
    expect([(await finished).ending, (await second).ending]).toMatchObject([{ how: 'done' }, { how: 'done' }])
  })

  it('that died is told to the next of the same site, in a dry run too, and no more once that one came to its end', async () => {
    const here = machine(shell)
    const { finished, pid } = await begun(here, {
      head: { run: 'one', task: 'deploy', site: 'a.example', since: '2026-11-22T14:02:33.123Z' },
    })
    process.kill(pid, 'SIGKILL')
    letGo(here) // what it had begun goes on without it
    expect((await finished).ending).toMatchObject({ kind: 'lost' })
    const next: RunOptions = { head: { task: 'deploy', site: 'a.example' } }
    const steps = [made(here, 'a')]
    const before = 'The last deploy of a.example (me@here, 2026-11-22 14:02 UTC) stopped in step 2 of 3 (waiting)'
    expect(notes(await here.run(steps, { ...next, mode: 'dry-run' }))).toEqual([
      `${before}; the next one goes on from there.`,
    ])
    expect(notes(await here.run(steps, { head: { task: 'deploy', site: 'b.example' } }))).toEqual([])
    expect(
      notes(await here.run(steps, { ...next, head: { ...next.head, task: 'rollback' }, mode: 'dry-run' })),
    ).toEqual([`${before}.`])
    expect(notes(await here.run(steps, next))).toEqual([`${before}; this run goes on from there.`])
    expect(notes(await here.run(steps, next))).toEqual([])
  })

  it('that was interrupted is told to the next one, past those that only gave way', async () => {
    const here = machine(shell)
    const stop = new AbortController()
    const { finished } = await begun(here, { stop: stop.signal, head: { run: 'one', task: 'provision' } })
    expect((await here.run([section([made(here, 'c')])], { head: { run: 'two' } })).ending).toMatchObject({
      how: 'locked',
    })
    stop.abort()
    await until(() => existsSync(join(here.folder, 'run/one/stop')))
    letGo(here)
    await finished
    expect(notes(await here.run([made(here, 'a')], { head: { task: 'provision' } }))).toEqual([
      'The last provision of "here" (me@here, now) was interrupted after step 2 of 3 (waiting); this run goes on from there.',
    ])
  })
})

const failing = step({ name: 'failing', title: 'failing', check: sh`false`, apply: sh`false` })
const section = (steps: readonly Step[]) => ({ task: 'test', summary: '', lock: 'site-a', steps })

function made({ folder }: Machine, name: string): Step {
  const path = join(folder, name)
  return step({ name, title: `title of ${name}`, check: sh`test -e ${path}`, apply: sh`: >${path}` })
}

/** A run of three steps under a lock, the second of which waits until it is let go. */
async function begun(here: Machine, options: RunOptions) {
  const mark = join(here.folder, 'began')
  const waiting = step({
    name: 'waiting',
    title: 'waiting',
    check: sh`test -e ${`${mark}.done`}`,
    apply: sh`: >${mark}; until test -e ${`${mark}.go`}; do sleep 0.05; done; : >${`${mark}.done`}`,
  })
  const finished = here.run([section([made(here, 'a'), waiting, made(here, 'b')])], options)
  await until(() => existsSync(mark))
  const pid = Number(readFileSync(join(here.folder, `run/${options.head?.run}/pid`), 'utf8'))
  return { finished, pid }
}

function letGo({ folder }: Machine): void {
  writeFileSync(join(folder, 'began.go'), '')
}

/** As if it had begun that many minutes ago. */
function aged({ folder }: Machine, run: string, minutes: number): void {
  const then = Date.now() / 1000 - minutes * 60
  utimesSync(join(folder, 'state/runs', run, 'head'), then, then)
}

async function listed(here: Machine, site?: string): Promise<readonly PastRun[]> {
  const { events } = await here.run([runsListed({ site })])
  return events.flatMap((event) => (event.type === 'runs.listed' ? event.runs : []))
}

function notes({ events }: Outcome): readonly string[] {
  return events.flatMap((event) => (event.type === 'note.told' ? event.message : []))
}
