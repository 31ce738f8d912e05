import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ask } from '../../src/core/ask.ts'
import { TasksError } from '../../src/core/errors.ts'
import type { Event } from '../../src/core/event.ts'
import { sh } from '../../src/core/sh.ts'
import { type Step, step } from '../../src/core/step.ts'
import { type AnyTask, defineTask } from '../../src/core/task.ts'
import { type SandboxHost, sandboxNetwork } from '../../src/sandbox/index.ts'
import { provision } from '../../tasks/provision.ts'
import { program, projectOf } from '../cli/command-line.ts'
import { provisioned, type Ran, stepsThat, type TaskOptions, taskOn } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'
import { until } from './until.ts'

onHosts('A run', () => {
  let host: SandboxHost
  beforeAll(async () => {
    host = await withHost({ debian: 13, from: await provisioned(13) })
  })
  afterAll(async () => expect(await leftOn(host)).toBe(''))

  it('that changes nothing takes one connection, one channel, and one request that waits', async () => {
    const { events, counts } = await taskOn(host, provision)
    expect(counts).toMatchObject({ changed: 0, failed: 0 })
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', wire: { connections: 1, channels: 1, requests: 1 } })
  })

  it('goes on after its session was killed, and does each step once', async () => {
    const { run, lost } = begin(host, counting('killed'))
    await began(host, 'killed')
    await ssh(host, "pkill -f '[s]shd.*: elspeth'", 'root')
    await lost
    await letGo(host, 'killed')
    const done = await run
    expect(done).toMatchObject({ because: undefined, outcome: 'done', counts: { changed: 3 } })
    expect(done.events.at(-1)).toMatchObject({ wire: { connections: 2, channels: 2 } })
    expect(await counted(host, 'killed')).toBe('before\nslow\nafter\n')
    expect(said(done)).toBe('before\nslow\nafter\n')
  })

  it('goes on after its cable was pulled, and does each step once', async () => {
    const sshConfig = join(tmpdir(), `tasks-impatient-${process.pid}`)
    await writeFile(sshConfig, 'ServerAliveInterval 1\nServerAliveCountMax 2\n')
    const { run, lost } = begin(host, counting('cable'), { sshConfig })
    await began(host, 'cable')
    await ssh(
      host,
      'nohup sh -c "until [ -e /run/unplugged ]; do sleep 0.1; done; sleep 1; : >/run/cable.go" >/dev/null 2>&1 & : >/run/unplugged',
      'root',
    )
    await sandboxNetwork(host.name, 'down')
    await lost
    await sandboxNetwork(host.name, 'up')
    const done = await run
    expect(done).toMatchObject({ because: undefined, outcome: 'done', counts: { changed: 3 } })
    expect(await counted(host, 'cable')).toBe('before\nslow\nafter\n')
  })

  it('hears a person who stops it after it had to come back', async () => {
    const stop = new AbortController()
    const { run, lost } = begin(host, counting('stopped'), { stop: stop.signal })
    await began(host, 'stopped')
    await ssh(host, "pkill -f '[s]shd.*: elspeth'", 'root')
    await lost
    stop.abort()
    await until(async () => (await ssh(host, 'ls /run/tasks/*/stop', 'root')).code === 0)
    await letGo(host, 'stopped')
    expect(await run).toMatchObject({ exitCode: 130, outcome: 'interrupted', counts: { changed: 2, skipped: 1 } })
  })

  it('ends its step at the second Ctrl-C, and all that the step started', async () => {
    const [stop, kill] = [new AbortController(), new AbortController()]
    const { run } = begin(host, counting('ended', 'elspeth'), { stop: stop.signal, kill: kill.signal })
    await began(host, 'ended')
    stop.abort()
    kill.abort()
    expect(await run).toMatchObject({
      exitCode: 130,
      because: 'The run on "web1" was interrupted.',
      counts: { changed: 1, failed: 1, skipped: 1 },
    })
    expect((await ssh(host, 'pgrep -u elspeth -x sleep', 'root')).stdout).toBe('')
  })

  it('is finished by the host when its client is killed, and the next one has nothing to do', async () => {
    const folder = projectOf({
      'tasks.config.json': '{}',
      'tasks/slow.mjs': `import { defineTask, sh, step } from 'tasks-ssh'
export const slow = defineTask({
  name: 'slow',
  summary: 'Wait for a file',
  steps: () => [step({ name: 'slow', title: 'slow', check: sh\`test -e /run/client.done\`, apply: sh\`: >/run/client.began; until test -e /run/client.go; do sleep 0.1; done; : >/run/client.done\` })],
})
`,
    })
    const words = [program, 'slow', '--host', host.name, '--json']
    const start = () =>
      spawn(process.execPath, words, {
        cwd: folder,
        env: { ...process.env, TASKS_DEV: '1' },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
    const client = start()
    await began(host, 'client')
    client.kill('SIGKILL')
    await letGo(host, 'client')
    await until(
      async () =>
        (
          await ssh(
            host,
            'grep -l "finish done" /var/lib/tasks/runs/*/journal | xargs -n 1 dirname | while read -r run; do ls "$run/finished"; done | wc -l; test -e /run/client.done',
            'root',
          )
        ).code === 0,
    )
    const again = start()
    const printed: string[] = []
    again.stdout.setEncoding('utf8').on('data', (text: string) => printed.push(text))
    expect(await new Promise((resolve) => again.on('close', resolve))).toBe(0)
    expect(JSON.parse(printed.join('').trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      type: 'run.finished',
      counts: { met: 1, changed: 0 },
    })
  })

  it('does not begin while another one holds the lock of its site, and says who; or waits for it', async () => {
    const holding = begin(host, counting('held', 'root', 'site'))
    await began(host, 'held')
    const refused = await taskOn(host, counting('refused', 'root', 'site'))
    expect(refused.exitCode).toBe(5)
    expect(refused.because).toMatch(
      /^Cannot begin on "web1", because \S+ on \S+ has held the lock "site-staging\.example\.com" since \d{4}-\S+ \(run \S+\)\.$/,
    )
    expect(refused.hint).toBe('it is in step 2 of 3 (slow); follow it with: tasks attach --host web1; or add --wait')
    const waiting = begin(host, counting('held', 'root', 'site'), { wait: true })
    await until(() => waiting.events.some(({ type }) => type === 'lock.waiting'))
    await letGo(host, 'held')
    expect(await holding.run).toMatchObject({ outcome: 'done', counts: { changed: 3 } })
    expect(await waiting.run).toMatchObject({ outcome: 'done', counts: { met: 3 } })
  })

  it('is read by any login shell, and is not confused by what that says', async () => {
    await ssh(
      host,
      'DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends tcsh fish >/dev/null 2>&1',
      'root',
    )
    const noise = `printf 'Welcome\\n\\ntasks-x finish failed\\n'; echo trouble >&2; stty sane`
    await ssh(
      host,
      `printf '%s\\n' "${noise.replace(/["\\]/g, '\\$&')}" | sed 's/;/\\n/g' | cat - ~/.bashrc >new && mv new ~/.bashrc`,
    )
    await ssh(
      host,
      `echo 'echo "Hello from csh"' >~/.cshrc; mkdir -p ~/.config/fish; echo 'echo "Hello from fish"' >~/.config/fish/config.fish`,
    )
    for (const shell of ['/bin/tcsh', '/usr/bin/fish', '/bin/dash', '/bin/bash']) {
      await ssh(host, `usermod -s ${shell} elspeth`, 'root')
      const steps = [
        step({ name: 'root', title: 'root', check: sh`test "$(id -un)" = root` }),
        step({ name: 'own', title: 'own', as: 'elspeth', check: sh`test "$HOME" = /home/elspeth` }),
      ]
      const ran = await taskOn(host, steps)
      expect([shell, ran.because, stepsThat(ran, 'met')]).toEqual([shell, undefined, ['test/own', 'test/root']])
    }
  })
})

onHosts('sudo', () => {
  const root = [
    step({ name: 'root', title: 'root', check: sh`test "$(id -un)" = root` }),
    step({ name: 'own', title: 'own', as: 'elspeth', check: sh`test "$(id -un)" = elspeth` }),
  ]

  describe('with a password', () => {
    let host: SandboxHost
    beforeAll(async () => {
      host = await withHost({ sudo: 'password' })
    })
    const answering = (...passwords: readonly string[]) => {
      const asked: unknown[] = []
      const left = [...passwords]
      const ask: Ask = {
        sudoPassword: async (question) => {
          asked.push(question)
          return left.shift() ?? ''
        },
      }
      return { ask, asked }
    }

    it('is asked for once in a run', async () => {
      const { ask, asked } = answering('correct horse')
      const ran = await taskOn(host, root, { ask })
      expect(ran).toMatchObject({ because: undefined, counts: { met: 2 } })
      expect(asked).toEqual([{ host: 'web1', user: 'elspeth', isRetry: false }])
      expect(ran.events.at(-1)).toMatchObject({ wire: { connections: 1, channels: 1, requests: 2 } })
    })

    it('is asked for again after a wrong one', async () => {
      const { ask, asked } = answering('wrong', 'correct horse')
      expect(await taskOn(host, root, { ask })).toMatchObject({ outcome: 'done', counts: { met: 2 } })
      expect(asked).toMatchObject([{ isRetry: false }, { isRetry: true }])
    })

    it('ends the run when it is wrong to the end', async () => {
      const { ask, asked } = answering('wrong', 'wronger', 'wrongest')
      const ran = await taskOn(host, root, { ask })
      expect(ran).toMatchObject({
        exitCode: 4,
        because: 'Cannot become root on "web1", because sudo refused the password of elspeth.',
        hint: 'type the password of that user on that host',
      })
      expect(asked).toHaveLength(3)
      expect(JSON.stringify(ran.events)).not.toContain('wrongest')
    })

    it('says so when nobody is there to type it', async () => {
      expect(await taskOn(host, root)).toMatchObject({
        exitCode: 4,
        because:
          'Cannot become root on "web1", because sudo wants the password of elspeth and nobody is there to type it.',
        hint: 'run it in a terminal, or let that user use sudo without a password',
      })
    })

    it('lets a person leave at the question, by Ctrl-C there or by a signal', async () => {
      const kill = new AbortController()
      const leave = () => {
        kill.abort()
        return new Promise<string>(() => {})
      }
      const because = 'The run on "web1" was interrupted before it began.'
      expect(await taskOn(host, root, { ask: { sudoPassword: leave }, kill: kill.signal })).toMatchObject({
        exitCode: 130,
        because,
      })
      const sudoPassword = () =>
        Promise.reject(new TasksError({ code: 'interrupted', message: 'Stopped at a question.' }))
      expect(await taskOn(host, root, { ask: { sudoPassword } })).toMatchObject({
        exitCode: 130,
        because: 'Stopped at a question.',
      })
      expect(await leftOn(host)).toBe('')
    })

    it('is asked for once, too, by a run that has to come back', async () => {
      const { ask, asked } = answering('correct horse')
      const { run, lost } = begin(host, counting('sudo'), { ask })
      await began(host, 'sudo')
      await ssh(host, "pkill -f '[s]shd.*: elspeth'", 'root')
      await lost
      await letGo(host, 'sudo')
      expect(await run).toMatchObject({ because: undefined, outcome: 'done', counts: { changed: 3 } })
      expect(asked).toHaveLength(1)
    })
  })

  it('that is not allowed is told', async () => {
    const host = await withHost({ sudo: 'none' })
    const ask: Ask = { sudoPassword: async () => 'correct horse' }
    expect(await taskOn(host, root, { ask })).toMatchObject({
      exitCode: 4,
      because: expect.stringMatching(
        /^Cannot become root on "web1", because (elspeth may not use sudo there|sudo refused the password of elspeth)\.$/,
      ),
    })
    await ssh(
      host,
      'apt-get -q -y purge sudo >/dev/null 2>&1 || SUDO_FORCE_REMOVE=yes apt-get -q -y purge sudo >/dev/null',
      'root',
    )
    expect(await taskOn(host, root)).toMatchObject({
      exitCode: 4,
      because: 'Cannot become root on "web1", because it has no sudo.',
      hint: 'log in as root instead: --host root@…',
    })
  })
})

/** Three steps that each leave a line; the middle one says that it began, and waits for a file. */
function counting(name: string, as = 'root', lock: AnyTask['lock'] = 'none'): AnyTask {
  const made = (line: string, wait: Step['apply'] = sh`:`) =>
    step({
      name: line,
      title: line,
      as: line === 'slow' ? as : 'root',
      check: sh`grep -qsx ${line} ${`/run/${name}.lines`} || exit 1`,
      apply: sh`
        ${wait}
        printf '%s\n' ${line} | tee -a ${`/run/${name}.lines`}`,
    })
  const slow = sh`
    : >${`/tmp/${name}.began`}
    until test -e ${`/run/${name}.go`}; do sleep 0.1; done`
  return defineTask({
    name: 'count',
    summary: 'Count',
    lock,
    steps: () => [made('before'), made('slow', slow), made('after')],
  })
}

function begin(host: SandboxHost, task: AnyTask, options: TaskOptions = {}) {
  const events: Event[] = []
  const waiting: { readonly isIt: (event: Event) => boolean; readonly resolve: () => void }[] = []
  const when = (isIt: (event: Event) => boolean) => new Promise<void>((resolve) => void waiting.push({ isIt, resolve }))
  const lost = when(({ type }) => type === 'host.lost')
  const onEvent = (event: Event) => {
    events.push(event)
    for (const { isIt, resolve } of waiting) if (isIt(event)) resolve()
  }
  return { run: taskOn(host, task, { ...options, onEvent }), events, lost }
}

async function began(host: SandboxHost, name: string): Promise<void> {
  await until(
    async () => (await ssh(host, `test -e /tmp/${name}.began || test -e /run/${name}.began`, 'root')).code === 0,
  )
}

async function letGo(host: SandboxHost, name: string): Promise<void> {
  await ssh(host, `: >/run/${name}.go`, 'root')
}

async function counted(host: SandboxHost, name: string): Promise<string> {
  return (await ssh(host, `cat /run/${name}.lines`, 'root')).stdout
}

function said({ events }: Ran): string {
  return events.flatMap((event) => (event.type === 'step.output' ? event.text : [])).join('')
}

/** What runs have left on a host: folders, spooled programs, processes, locks that are held. */
async function leftOn(host: SandboxHost): Promise<string> {
  const look = `ls /run/tasks 2>/dev/null | grep -vx locks; ls -d /dev/shm/tasks.* /tmp/tasks.* 2>/dev/null; ps -eo args= | grep -E '^([a-z/]*sudo .*)?(/bin/)?sh /(run|dev/shm)/tasks'; for lock in /run/tasks/locks/*; do [ ! -e "$lock" ] || flock -n "$lock" true || echo "$lock"; done; true`
  return await until(
    async () => (await ssh(host, look, 'root')).stdout,
    (seen) => seen === '',
  ).catch((error: Error) => error.message)
}
