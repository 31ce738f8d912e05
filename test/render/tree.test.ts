import { describe, expect, it } from 'vitest'
import type { Event } from '../../src/core/event.ts'
import { connected, deployed, deploySteps, nothingToDo, recorded, stepEvents, type Told } from './events.ts'
import { drawing, rendered } from './terminal.ts'

const started = (hosts: readonly string[], tasks: readonly string[]): Event => ({
  type: 'run.started',
  run: 'r1',
  mode: 'run',
  tasks,
  hosts,
  at: '',
})

/** All but the end of each step. */
const begun = (host: string, told: Told): readonly Event[] => stepEvents(host, told).slice(0, -1)

const install: Told = {
  task: 'provision',
  name: 'packages',
  title: 'packages nginx, git, python3, python3-venv',
  verdict: 'changed',
  output: [
    'Get:1 libc\nGet:2 nginx-common\nGet:3 nginx\n',
    'Unpacking nginx\nSetting up nginx (1.22.1-9+deb12u1) with all that it needs\n',
    'Proc',
  ],
}
const rest: readonly Told[] = [
  { task: 'provision', name: 'user', verdict: 'met' },
  { task: 'deploy', name: 'source', verdict: 'changed' },
]

describe('the tree, while one host is at work', () => {
  const events = [
    started(['web1'], ['provision', 'deploy']),
    ...connected('web1', [install, ...rest]),
    ...begun('web1', install),
  ]

  it('shows the tasks, the running step, how long it takes, and the last that it said', async () => {
    const { draw, clock, screen, renderer } = drawing({ columns: 120 })
    await draw(...events)
    clock.pass(12_000)
    expect(await screen()).toBe(`web1  elspeth@203.0.113.10
⠙ provision  0 of 2
  ⠙ packages nginx, git, python3, python3-venv  12 s
    │ Get:3 nginx
    │ Unpacking nginx
    │ Setting up nginx (1.22.1-9+deb12u1) with all that it needs
    │ Proc
○ deploy`)
    await renderer.end()
  })

  it('cuts each row to a narrow terminal', async () => {
    const { draw, clock, screen, renderer } = drawing({ columns: 40 })
    await draw(...events)
    clock.pass(12_000)
    expect(await screen()).toBe(`web1  elspeth@203.0.113.10
⠙ provision  0 of 2
  ⠙ packages nginx, git, python3…  12 s
    │ Get:3 nginx
    │ Unpacking nginx
    │ Setting up nginx (1.22.1-9+deb12…
    │ Proc
○ deploy`)
    await renderer.end()
  })

  it('takes no more rows than the terminal has', async () => {
    const { draw, screen, renderer } = drawing({ columns: 60, rows: 6 })
    const done = Array.from(
      { length: 30 },
      (_, index): Told => ({ task: 'provision', name: `fact ${index}`, verdict: 'changed' }),
    )
    await draw(started(['web1'], ['provision', 'deploy']), ...connected('web1', [...done, install, ...rest]))
    for (const told of done) await draw(...stepEvents('web1', told))
    await draw(...begun('web1', install))
    expect((await screen()).match(/provision/g)).toHaveLength(1)
    expect(await screen()).toMatch(
      /^web1 {2}elspeth@203.0.113.10\n. provision {2}30 of 32\n {2}… 33 above\n.*\n.*Proc\n○ deploy$/,
    )
    await renderer.end()
  })

  it('tells what it waits for: the connection, then a lock', async () => {
    const { draw, screen, renderer } = drawing({ columns: 100 })
    await draw(started(['web1'], ['go']), { type: 'host.connecting', host: 'web1', address: '203.0.113.10' })
    expect(await screen()).toContain('⠋ web1  connecting to 203.0.113.10')
    const holder = { user: 'ann', machine: 'laptop', since: '2026-11-22T14:03:11Z', run: 'a1b2' }
    await draw(
      { type: 'host.connected', host: 'web1', user: 'elspeth' },
      { type: 'lock.waiting', host: 'web1', lock: 'host', holder },
    )
    expect(await screen()).toContain('web1  waiting for the lock "host": ann@laptop holds it since 14:03 (run a1b2)')
    await renderer.end()
  })

  it('does not draw the same picture twice, nor anything after the end', async () => {
    const { draw, clock, streams, renderer } = drawing({ columns: 80 })
    await draw(...events)
    await renderer.end()
    const { length } = streams.writes
    clock.pass(10_000)
    expect(streams.writes).toHaveLength(length)
    expect(clock.isRunning).toBe(false)
  })

  it.each([40, 55, 160])('leaves nothing behind when the window becomes %i columns wide', async (columns) => {
    const { draw, resize, screen, renderer } = drawing({ columns: 80 })
    await draw(...events)
    await resize(columns)
    await draw()
    expect((await screen()).match(/provision|Setting|Proc|deploy/g)).toEqual(['provision', 'Setting', 'Proc', 'deploy'])
    await renderer.end()
  })
})

describe('the tree, when the run has ended', () => {
  it('stays, with what changed; met steps are counted; the warning stands below', async () => {
    const { draw, screen, renderer } = drawing({ columns: 120 })
    await draw(...deployed)
    await renderer.end()
    expect(await screen()).toBe(`ℹ Django 5.2 in src/, settings superlists.settings
web1  elspeth@203.0.113.10
✔ provision  1 changed, 2 already so (12.3 s)
  ✔ packages nginx, git  changed (12.3 s)
✔ deploy  2 changed, 1 skipped
  ✔ source of 3f2a1c9  changed
  ○ folder for uploads  skipped: you said skip
  ✔ staging.example.com serves release 8  changed
⚠ warning: SECURE_HSTS_SECONDS is not set.
  → set it in the settings

staging.example.com now serves release 8 (3f2a1c9)
Done: 3 changed, 2 already so, 1 skipped (41 s).`)
  })

  it('breaks long titles between words on a narrow terminal, and cuts nothing', async () => {
    const { draw, screen, renderer } = drawing({ columns: 40 })
    await draw(...recorded({ steps: [{ ...install, end: { took: 12_300 } }] }))
    await renderer.end()
    expect(await screen()).toBe(`web1  elspeth@203.0.113.10
✔ provision  1 changed (12.3 s)
  ✔ packages nginx, git, python3,
    python3-venv  changed (12.3 s)

Done: 1 changed (41 s).`)
  })

  it('is two lines for a run of 35 met steps', async () => {
    const { draw, screen, renderer } = drawing({ columns: 80 })
    await draw(...nothingToDo)
    await renderer.end()
    expect(await screen()).toBe(`web1  elspeth@203.0.113.10
✔ provision  31 already so
✔ deploy  4 already so

Nothing to do: all 35 steps are already so.`)
  })

  it('shows each met step, and what changed ones said, with --verbose', async () => {
    const { draw, screen, renderer } = drawing({ columns: 80, level: 'verbose' })
    await draw(...recorded({ steps: deploySteps.slice(0, 2) }))
    await renderer.end()
    expect(await screen()).toBe(`web1  elspeth@203.0.113.10
✔ provision  1 changed, 1 already so (12.3 s)
  ✔ apt knows its packages  met
  ✔ packages nginx, git  changed (12.3 s)
    │ Reading package lists...
    │ Unpacking nginx (1.22.1-9) ...

1 connection, 1 channel, 2 requests, 23.4 kB sent, 1.2 MB received
Done: 1 changed, 1 already so (41 s).`)
  })

  it('tells what was never finished, when the end was never told', async () => {
    const { draw, screen, renderer } = drawing({ columns: 80 })
    await draw(
      started(['web1'], ['provision', 'deploy']),
      ...connected('web1', [install, ...rest]),
      ...begun('web1', install),
    )
    await renderer.end()
    expect(await screen()).toBe(
      `web1  elspeth@203.0.113.10
○ provision  2 not reached
  ? packages nginx, git, python3,
    python3-venv  not finished
○ deploy  1 not reached`.replace(',\n    python3-venv', ', python3-venv'),
    )
  })
})

describe('several hosts', () => {
  const hosts = ['db', 'web10']

  it('have a row each while they are at work, with what they are at', async () => {
    const { draw, clock, screen, renderer } = drawing({ columns: 80 })
    await draw(started(hosts, ['provision', 'deploy']), ...hosts.flatMap((host) => connected(host, [install, ...rest])))
    await draw(...begun('db', install), { type: 'host.lost', host: 'web10', because: 'reset', retryInSeconds: 5 })
    clock.pass(3000)
    expect(await screen()).toBe(`⠹ db     provision: packages nginx, git, python3, python3-venv  3 s  0 of 3
  │ Setting up nginx (1.22.1-9+deb12u1) with all that it needs
  │ Proc
⠹ web10  connection lost (reset); the host goes on by itself; trying a…  0 of 3`)
    await renderer.end()
  })

  it('have a tree each when they are done, in the order in which they are done', async () => {
    const { draw, screen, renderer } = drawing({ columns: 80 })
    const [begin, ...others] = recorded({ hosts, steps: [{ ...install, end: { took: 1200 } }, ...rest] })
    const of = (host: string) => others.filter((event) => 'host' in event && event.host === host)
    await draw(...(begin === undefined ? [] : [begin]), ...of('db').slice(0, 5), ...of('web10'))
    expect(await screen()).toMatch(/^✔ web10 .*\n(?: .*\n)+. db {4}/)
    await draw(...of('db').slice(5), ...others.slice(-1))
    await renderer.end()
    expect(await screen()).toBe(`✔ web10  2 changed, 1 already so (1.2 s)
  ✔ provision  1 changed, 1 already so (1.2 s)
    ✔ packages nginx, git, python3, python3-venv  changed (1.2 s)
  ✔ deploy  1 changed
    ✔ source  changed
✔ db  2 changed, 1 already so (1.2 s)
  ✔ provision  1 changed, 1 already so (1.2 s)
    ✔ packages nginx, git, python3, python3-venv  changed (1.2 s)
  ✔ deploy  1 changed
    ✔ source  changed

db     2 changed, 1 already so
web10  2 changed, 1 already so
Done: 4 changed, 2 already so (41 s).`)
  })

  it('say the same note once', async () => {
    const note = (host: string): Event => ({
      type: 'note.told',
      level: 'warning',
      host,
      message: 'Rebooting is needed.',
    })
    const { draw, screen, renderer } = drawing({ columns: 80 })
    await draw(...recorded({ hosts, steps: rest, more: hosts.map(note) }))
    await renderer.end()
    expect((await screen()).match(/Rebooting.*/g)).toEqual(['Rebooting is needed. (db and web10)'])
  })

  it('above twenty are counted in one row', async () => {
    const many = Array.from({ length: 100 }, (_, index) => `web${index}`)
    const events = recorded({ hosts: many, steps: rest })
    const { draw, screen, renderer } = drawing({ columns: 80 })
    const half = events.findIndex((event) => event.type === 'host.finished' && event.host === 'web40')
    await draw(...events.slice(0, half))
    expect(await screen()).toMatch(/^. 100 hosts {2}40 done, 60 at work$/)
    await draw(...events.slice(half))
    await renderer.end()
    expect(await screen()).toBe('✔ 100 hosts  100 done\n\nDone: 100 changed, 100 already so (41 s).')
  })
})

describe('a hostile machine', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const ours = /\x1b\[(?:\d+A\r|K|J|\?7[lh])/g
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be absent
  const obeyed = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/
  const evil = '\x1b[2J\x1b[H\x1b]0;owned\x07\x1b[?1049h✔ all is well\r\n\x1b[5A\x1b[31mrm -rf\x07\n'

  it.each([40, 120])('repaints nothing on a terminal of %i columns', async (columns) => {
    const told: Told = {
      task: 'go',
      name: 'a',
      title: 'a \x1b[2J title',
      verdict: 'changed',
      output: [evil.slice(0, 3), evil.slice(3)],
    }
    const { draw, streams, renderer } = drawing({ columns, level: 'verbose', colors: false })
    await draw(started(['web1\x1b[2J'], ['go']), ...connected('web1\x1b[2J', [told]), ...begun('web1\x1b[2J', told))
    await draw(
      ...stepEvents('web1\x1b[2J', {
        ...told,
        verdict: 'failed',
        end: { because: evil, hint: evil, output: evil },
      }).slice(-1),
    )
    await renderer.end()
    // Only our own sequences are left: up, erase to the right and below, no wrapping while a picture is drawn.
    expect(streams.text().replace(ours, '')).not.toMatch(obeyed)
    expect(streams.text()).toContain('│ rm -rf\\x07')
  })

  it('does no more in plain lines', async () => {
    const told: Told = {
      task: 'go',
      name: 'a',
      title: evil,
      verdict: 'failed',
      output: [evil],
      preview: evil,
      end: { because: evil, hint: evil, output: evil },
    }
    for (const mode of ['run', 'dry-run', 'step'] as const) {
      const streams = await rendered(recorded({ mode, steps: [told], hosts: [evil] }), {
        kind: 'plain',
        level: 'verbose',
      })
      expect(streams.text()).not.toMatch(obeyed)
    }
  })

  it('that never ends a line fills no memory and no screen', async () => {
    const told: Told = {
      task: 'go',
      name: 'a',
      verdict: 'changed',
      output: Array<string>(200).fill('x'.repeat(50_000)),
    }
    const { draw, streams, renderer } = drawing({ columns: 80 })
    await draw(started(['web1'], ['go']), ...connected('web1', [told]), ...begun('web1', told))
    await renderer.end()
    expect(streams.text().length).toBeLessThan(2000)
  })
})

describe('while a person is asked', () => {
  it('the tree is gone and nothing is drawn; then it is back, with what came meanwhile', async () => {
    const { draw, clock, streams, screen, renderer } = drawing({ columns: 80 })
    await draw(
      started(['web1'], ['provision', 'deploy']),
      ...connected('web1', [install, ...rest]),
      ...begun('web1', install),
    )
    const answer = await renderer.whileAsking(async () => {
      expect(await screen()).toBe('web1  elspeth@203.0.113.10')
      const { length } = streams.writes
      streams.stderr.write('apply? yes\n')
      await draw(...stepEvents('web1', install).slice(-1), { type: 'note.told', level: 'note', message: 'Meanwhile.' })
      clock.pass(1000)
      expect(streams.writes).toHaveLength(length + 1)
      return 'apply'
    })
    expect(answer).toBe('apply')
    await draw()
    expect(await screen()).toMatch(
      /^web1.*\napply\? yes\n. provision {2}1 of 2\n {2}✔ packages nginx, git, python3, python3-venv {2}changed\n○ deploy$/,
    )
    await renderer.end()
    expect(await screen()).toContain('ℹ Meanwhile.')
  })

  it('in step mode what the step would do is shown first', async () => {
    const { draw, screen, renderer } = drawing({ columns: 80 })
    const told: Told = { task: 'go', name: 'a', title: 'packages nginx', verdict: 'changed', preview: 'nginx 1.22\n' }
    await draw(
      { ...started(['web1'], ['go']), mode: 'step' } as Event,
      ...connected('web1', [told]),
      ...stepEvents('web1', told).slice(0, 2),
    )
    await renderer.whileAsking(async () =>
      expect(await screen()).toBe('web1  elspeth@203.0.113.10\n~ packages nginx  go\n  nginx 1.22'),
    )
    await renderer.end()
  })

  it.each(['tree', 'plain'] as const)('the next question waits, in %s, also after one that failed', async (kind) => {
    const { renderer } = drawing({ columns: 80, kind })
    const order: string[] = []
    const ask = (name: string) =>
      renderer.whileAsking(async () => {
        order.push(`${name} asked`)
        await new Promise((resolve) => setImmediate(resolve))
        order.push(`${name} answered`)
        if (name === 'first') throw new Error('closed')
      })
    const answers = await Promise.allSettled([ask('first'), ask('second')])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(order).toEqual(['first asked', 'first answered', 'second asked', 'second answered'])
    await renderer.end()
  })
})

describe('the cost', () => {
  it('of 500 met steps is a handful of writes, however they come', async () => {
    const steps = Array.from(
      { length: 500 },
      (_, index): Told => ({ task: 'go', name: `fact ${index}`, verdict: 'met' }),
    )
    const streams = await rendered(recorded({ steps }), { kind: 'tree', columns: () => 80 })
    expect(streams.writes.length).toBeLessThan(8)
    expect((await rendered(recorded({ steps }), { kind: 'plain' })).writes.length).toBeLessThan(8)
  })

  it('of 100 hosts is one write for each picture', async () => {
    const hosts = Array.from({ length: 100 }, (_, index) => `web${index}`)
    const events = recorded({ hosts, steps: rest })
    const { draw, streams, renderer } = drawing({ columns: 80 })
    for (let from = 0; from < events.length; from += 100) await draw(...events.slice(from, from + 100))
    await renderer.end()
    expect(streams.writes.length).toBeLessThanOrEqual(Math.ceil(events.length / 100) + 4)
  })

  it('of a picture does not grow with the run', async () => {
    const steps = Array.from(
      { length: 500 },
      (_, index): Told => ({ task: `task${index}`, name: 'a', verdict: 'changed' }),
    )
    const { draw, streams, renderer } = drawing({ columns: 80 })
    const untilTheLast = recorded({ steps }).slice(0, -3)
    await draw(...untilTheLast)
    await draw()
    expect(streams.text()).toContain('task498')
    expect(streams.writes.at(-1)?.text.length).toBeLessThan(300)
    await renderer.end()
  })
})
