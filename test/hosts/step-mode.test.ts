import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { program, projectOf } from '../cli/command-line.ts'
import { provisioned } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'
import { until } from './until.ts'

/** What is broken on the host, with what says that it is mended; in the order in which provision comes to it. */
const broken = [
  { step: 'is a folder', damage: 'rmdir /home/elspeth/sites', isMended: 'test -d /home/elspeth/sites' },
  {
    step: 'refuses names',
    damage: 'echo junk >>/etc/nginx/sites-available/tasks-catch-all',
    isMended: '! grep -q junk /etc/nginx/sites-available/tasks-catch-all',
  },
  { step: 'only SSH', damage: 'nft flush ruleset', isMended: 'nft list ruleset | grep -q dport' },
  {
    step: 'security fixes',
    damage: 'rm /etc/apt/apt.conf.d/52tasks-security-upgrades',
    isMended: 'test -e /etc/apt/apt.conf.d/52tasks-security-upgrades',
  },
]

/** The answers, in the order of the list that is shown. */
const answers = ['apply', 'skip', 'all the rest', 'show the script', 'abort'] as const

onHosts('Step mode in a terminal', () => {
  let host: SandboxHost
  beforeAll(async () => {
    host = await withHost({ debian: 13, from: await provisioned(13) })
    for (const { damage } of broken) expect(await ssh(host, damage, 'root')).toMatchObject({ code: 0 })
  })
  const mended = () => Promise.all(broken.map(async ({ isMended }) => (await ssh(host, isMended, 'root')).code === 0))

  it('shows each change before it is made, does what is answered, and stops where it is told to', async () => {
    const terminal = open(['provision', '--step', '--host', host.name])
    await terminal.asks('is a folder')
    expect(await mended()).toEqual([false, false, false, false])
    terminal.answer('apply')
    const shown = await terminal.asks('refuses names')
    expect(shown).toContain('-junk')
    expect(await mended()).toEqual([true, false, false, false])
    terminal.answer('show the script')
    expect(await terminal.asks('refuses names', 2)).toContain('$DATA/')
    expect(await mended()).toEqual([true, false, false, false])
    terminal.answer('skip')
    await terminal.asks('only SSH')
    expect(await mended()).toEqual([true, false, false, false])
    terminal.answer('abort')
    expect(await terminal.ends()).toBe(130)
    expect(await mended()).toEqual([true, false, false, false])
  })

  it('offers only what is left when it is run again, and asks no more after "all the rest"', async () => {
    const terminal = open(['provision', '--step', '--host', host.name])
    await terminal.asks('refuses names')
    terminal.answer('all the rest')
    expect(await terminal.ends()).toBe(0)
    expect(await mended()).toEqual([true, true, true, true])
  })

  it('asks nothing where nothing is to be done', async () => {
    const terminal = open(['provision', '--step', '--host', host.name])
    expect(await terminal.ends()).toBe(0)
    expect(terminal.text()).not.toContain('all the rest')
  })

  it('leaves the host at a question that Ctrl-C answers', async () => {
    const [first] = broken
    await ssh(host, first?.damage ?? '', 'root')
    const terminal = open(['provision', '--step', '--host', host.name])
    await terminal.asks('is a folder')
    terminal.press('C-c')
    expect(await terminal.ends()).toBe(130)
    expect(await mended()).toEqual([false, true, true, true])
    await until(
      async () => (await ssh(host, 'ls /run/tasks | grep -vx locks', 'root')).stdout,
      (left) => left === '',
    )
  })
})

/** The program in a terminal of its own, typed at as a person types. */
function open(words: readonly string[]) {
  const folder = projectOf({ 'tasks.config.json': '{}' })
  // One for each terminal: a server that is told to end has not ended yet when the next test begins
  const server = `tasks-test-${randomUUID()}`
  const tmux = (...args: readonly string[]) =>
    spawnSync('tmux', ['-L', server, '-f', '/dev/null', ...args], { encoding: 'utf8' })
  const quoted = [process.execPath, program, ...words].map((word) => `'${word}'`).join(' ')
  const command = `cd ${folder}; TASKS_DEV=1 TERM=xterm-256color ${quoted}; echo "ended with $?"; read -r _`
  const started = tmux('new-session', '-d', '-x', '120', '-y', '50', 'sh', '-c', command)
  if (started.status !== 0) throw new Error(`tmux is needed: ${started.stderr}`)
  onTestFinished(() => void tmux('kill-server'))
  const text = () => tmux('capture-pane', '-p', '-S', '-').stdout
  const press = (...keys: readonly string[]) => void tmux('send-keys', ...keys)
  return {
    text,
    press,
    /** Waits until a question about this step is open, for the `times`th time. */
    asks: (step: string, times = 1) =>
      until(text, (seen) => {
        const questions = seen.split('\n').filter((line) => line.includes('?') && line.includes(step))
        return questions.length >= times && /❯ apply/.test(seen)
      }),
    answer: (answer: (typeof answers)[number]) =>
      press(...Array.from({ length: answers.indexOf(answer) }, () => 'Down'), 'Enter'),
    ends: async () =>
      Number(/^ended with (\d+)$/m.exec(await until(text, (seen) => /^ended with \d+$/m.test(seen)))?.[1]),
  }
}
