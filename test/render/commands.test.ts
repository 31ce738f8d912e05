import { expect, it } from 'vitest'
import type { Event } from '../../src/core/event.ts'
import { drawing, rendered } from './terminal.ts'

const command = (host: string | undefined, number: number, words: string) => {
  const of = { ...(host !== undefined && { host }), task: 'logs', number, command: words }
  return {
    started: { type: 'command.started', ...of } satisfies Event,
    said: (text: string): Event => ({ type: 'command.output', ...of, stream: 'stdout', text }),
    finished: (more: object): Event => ({
      type: 'command.finished',
      ...of,
      outcome: 'done',
      exitCode: 0,
      took: 2100,
      ...more,
    }),
  }
}

const started: Event = {
  type: 'run.started',
  run: 'r1',
  mode: 'run',
  tasks: ['logs'],
  hosts: ['web1', 'web22'],
  at: '',
}
const [one, two, local] = [
  command('web1', 1, 'uname\n  -a'),
  command('web22', 1, 'false'),
  command(undefined, 1, 'npm test'),
]
const events: readonly Event[] = [
  started,
  { ...one.started, as: 'root' },
  one.said('Linux \x1b[31mweb1\n'),
  two.started,
  two.said('no\n'),
  one.said('and more\n'),
  one.said('unended'),
  one.finished({}),
  two.finished({ outcome: 'failed', exitCode: 1 }),
  local.started,
  local.finished({ outcome: 'unknown', exitCode: undefined }),
]

it('plain lines tell each command with what it says, labelled by host wherever another one spoke before', async () => {
  expect((await rendered(events, { kind: 'plain' })).text('stderr')).toBe(`web1   logs  $ uname -a … as root
  | Linux web1
web22  logs  $ false …
  | no
web1   logs  $ uname -a …
  | and more
  | unended
web22  logs  $ false exit code 1 (2.1 s)
local  logs  $ npm test …
local  logs  $ npm test nobody knows how it ended (2.1 s)
`)
})

it('the tree keeps what commands have said, and shows below it those that are at work', async () => {
  const { draw, clock, screen, renderer } = drawing({ columns: 80 })
  await draw(...events.slice(0, 6))
  clock.pass(12_000)
  const shown = await screen()
  expect(shown).toContain(`web1  $ uname -a … as root
  | Linux web1
web22  $ false …
  | no
web1  $ uname -a …
  | and more
`)
  expect(shown.split('\n').slice(-2)).toEqual(['⠙ web1  $ uname -a  12 s', '⠙ web22  $ false  12 s'])
  await draw(...events.slice(6))
  clock.pass(80)
  expect(await screen()).not.toContain('12 s')
  expect(await screen()).toContain('web22  $ false exit code 1 (2.1 s)')
  await renderer.end()
})

it('JSON has them as they are', async () => {
  const lines = (await rendered(events, { kind: 'json' })).text('stdout').trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(events)))
})
