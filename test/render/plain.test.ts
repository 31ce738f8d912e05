import { describe, expect, it } from 'vitest'
import type { Event } from '../../src/core/event.ts'
import { deployed, nothingToDo, recorded } from './events.ts'
import { drawing, rendered } from './terminal.ts'

describe('plain lines', () => {
  it('tell each change of a run on standard error, and what it came to on standard output', async () => {
    const streams = await rendered(deployed, { kind: 'plain' })
    expect(streams.text('stderr')).toBe(`ℹ Django 5.2 in src/, settings superlists.settings
web1  connecting to 203.0.113.10
web1  provision  packages nginx, git … changed (12.3 s)
web1  provision  2 already so
web1  deploy     source of 3f2a1c9 … changed
web1  deploy     folder for uploads … skipped: you said skip
web1  deploy     staging.example.com serves release 8 … changed
web1  deploy     ⚠ warning: SECURE_HSTS_SECONDS is not set.
  → set it in the settings
`)
    expect(streams.text('stdout')).toBe(`staging.example.com now serves release 8 (3f2a1c9)
Done: 3 changed, 2 already so, 1 skipped (41 s).
`)
  })

  it('tell all with --verbose: met steps, output as it comes in whole lines, values, the wire', async () => {
    const streams = await rendered(deployed, { kind: 'plain', level: 'verbose' })
    expect(streams.text('stderr')).toBe(`ℹ Django 5.2 in src/, settings superlists.settings
web1  connecting to 203.0.113.10
web1  connected as elspeth
web1  6 steps
web1  release is "8"
web1  provision  apt knows its packages … met
web1  provision  packages nginx, git …
  | Reading package lists...
  | Unpacking nginx (1.22.1-9) ...
web1  provision  packages nginx, git … changed (12.3 s)
web1  provision  user elspeth … met
web1  deploy     source of 3f2a1c9 …
web1  deploy     source of 3f2a1c9 … changed
web1  deploy     folder for uploads … skipped: you said skip
web1  deploy     staging.example.com serves release 8 …
web1  deploy     staging.example.com serves release 8 … changed
web1  deploy     ⚠ warning: SECURE_HSTS_SECONDS is not set.
  → set it in the settings
`)
    expect(streams.text('stdout')).toContain('1 connection, 1 channel, 2 requests, 23.4 kB sent, 1.2 MB received\n')
  })

  it('say once for each task how many of its steps were met', async () => {
    const streams = await rendered(nothingToDo, { kind: 'plain' })
    expect(streams.text('stderr')).toBe(`web1  connecting to 203.0.113.10
web1  provision  31 already so
web1  deploy     4 already so
`)
    expect(streams.text('stdout')).toBe('Nothing to do: all 35 steps are already so.\n')
  })

  it('count the steps that a failure kept from being done, without a line for each', async () => {
    const steps = [
      { task: 'deploy', name: 'a', verdict: 'met' },
      { task: 'deploy', name: 'b', verdict: 'failed', end: { because: 'Cannot.' } },
      { task: 'deploy', name: 'c', verdict: 'skipped' },
      { task: 'deploy', name: 'd', verdict: 'skipped' },
      { task: 'verify', name: 'e', verdict: 'skipped' },
    ] as const
    const streams = await rendered(recorded({ outcome: 'failed', steps }), { kind: 'plain' })
    expect(streams.text('stderr')).toBe(`web1  connecting to 203.0.113.10
web1  deploy  b … failed
web1  deploy  1 already so, 2 skipped
web1  verify  1 skipped

✖ Cannot.
  web1 › deploy › b
`)
    expect((await rendered(recorded({ outcome: 'failed', steps }), { kind: 'tree' })).text()).not.toMatch(/ [cde] /)
  })

  it('keep their columns with hosts and tasks of all lengths', async () => {
    const steps = [
      { task: 'provision', name: 'a', verdict: 'changed' },
      { task: 'go', name: 'b', verdict: 'changed' },
    ] as const
    const streams = await rendered(recorded({ hosts: ['db', 'frontend'], steps }), { kind: 'plain' })
    expect(streams.text('stderr').split('\n').slice(2, 6)).toEqual([
      'db        provision  a … changed',
      'db        go         b … changed',
      'frontend  provision  a … changed',
      'frontend  go         b … changed',
    ])
    expect(streams.text('stdout')).toBe('db        2 changed\nfrontend  2 changed\nDone: 4 changed (41 s).\n')
  })

  it('name the speaker again when two machines talk at the same time', async () => {
    const of = (host: string) => ({ host, task: 'go', step: 'go/a', title: 'a' })
    const says = (host: string, text: string): Event => ({ type: 'step.output', ...of(host), text })
    const events: readonly Event[] = [
      { type: 'run.started', run: 'r1', mode: 'run', tasks: ['go'], hosts: ['one', 'two'], at: '' },
      ...['one', 'two'].map((host): Event => ({ type: 'step.applying', ...of(host) })),
      says('one', 'first\nsec'),
      says('two', 'other\n'),
      says('one', 'ond\n'),
    ]
    const streams = await rendered(events, { kind: 'plain', level: 'verbose' })
    expect(streams.text('stderr')).toBe(`one  go  a …
two  go  a …
one  go  a …
  | first
two  go  a …
  | other
one  go  a …
  | second
`)
  })

  it('tell who holds the lock, and that a connection is lost', async () => {
    const holder = { user: 'ann', machine: 'laptop', since: '2026-11-22T14:03:11Z', run: 'a1b2' }
    const events: readonly Event[] = [
      { type: 'run.started', run: 'r1', mode: 'run', tasks: ['go'], hosts: ['web1'], at: '' },
      { type: 'lock.waiting', host: 'web1', lock: 'site staging.example.com', holder },
      { type: 'host.lost', host: 'web1', because: 'nothing was heard for 45 s', retryInSeconds: 5 },
    ]
    const streams = await rendered(events, { kind: 'plain' })
    expect(
      streams.text('stderr'),
    ).toBe(`web1  waiting for the lock "site staging.example.com": ann@laptop holds it since 14:03 (run a1b2)
web1  connection lost (nothing was heard for 45 s); the host goes on by itself; trying again in 5 s
`)
  })

  it('say now and then, ever less often, that a step is still at work, and its last words', async () => {
    const { renderer, clock, streams } = drawing({ columns: 80, kind: 'plain', colors: false })
    for (const event of recorded({
      steps: [{ task: 'go', name: 'a', title: 'packages nginx', verdict: 'changed' }],
    }).slice(0, 6)) {
      renderer.emit(event)
    }
    const about = { host: 'web1', task: 'go', step: 'go/a', title: 'packages nginx' }
    for (let seconds = 0; seconds < 70; seconds += 10) {
      clock.pass(10_000)
      renderer.emit({ type: 'step.output', ...about, text: 'APT is used by process 7 (apt-get upgrade).\n' })
    }
    await renderer.end()
    expect(streams.text('stderr').split('\n').slice(1, -1)).toEqual([
      'web1  go  packages nginx … still at work (10 s)',
      'web1  go  packages nginx … still at work (20 s): APT is used by process 7 (apt-get upgrade).',
      'web1  go  packages nginx … still at work (40 s): APT is used by process 7 (apt-get upgrade).',
    ])
    expect(clock.isRunning).toBe(false)
  })

  it('in step mode show what a step would do when a person is asked, and only then', async () => {
    const steps = ['a', 'b'].map(
      (name) => ({ task: 'go', name, verdict: 'changed', preview: `${name}.conf\n` }) as const,
    )
    const { renderer, streams } = drawing({ columns: 80, kind: 'plain', colors: false })
    for (const event of recorded({ mode: 'step', steps })) {
      renderer.emit(event)
      if (event.type === 'step.previewed' && event.step === 'go/a') await renderer.whileAsking(async () => undefined)
    }
    await renderer.end()
    expect(streams.text('stderr')).toBe(`web1  connecting to 203.0.113.10
web1  go  a …
    a.conf
web1  go  a … changed
web1  go  b … changed
`)
  })

  it('show what the tasks that are functions came to, on hosts and on this machine', async () => {
    const ended = (verdict: 'done' | 'met' | 'failed', host?: string): Event => ({
      ...{ type: 'task.finished', task: 'look', verdict, took: 1200 },
      ...(host !== undefined && { host }),
    })
    const streams = await rendered([ended('done', 'web1'), ended('met'), ended('failed', 'web1')], { kind: 'plain' })
    expect(streams.text('stderr')).toBe(`web1  look  done (1.2 s)
local  look  nothing has changed (1.2 s)
web1  look  failed (1.2 s)
`)
  })

  it('are coloured only when asked', async () => {
    const plain = await rendered(deployed, { kind: 'plain' })
    expect(plain.text()).not.toContain('\x1b')
    const coloured = await rendered(deployed, { kind: 'plain', colors: true })
    expect(coloured.text('stderr')).toContain('packages nginx, git … \x1b[32mchanged\x1b[39m\x1b[2m (12.3 s)\x1b[22m\n')
  })
})

describe('--quiet', () => {
  it('leaves only warnings of a run that went well', async () => {
    const streams = await rendered(deployed, { kind: 'plain', level: 'quiet' })
    expect(streams.text('stderr')).toBe('⚠ warning: SECURE_HSTS_SECONDS is not set.\n  → set it in the settings\n')
    expect(streams.text('stdout')).toBe('')
  })
})
