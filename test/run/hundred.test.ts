import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Event } from '../../src/core/event.ts'
import { program } from '../cli/command-line.ts'
import { keyFolder, type Sshd, sshdProgram, startSshd } from '../transport/sshd.ts'

const count = 100

describe.skipIf(sshdProgram === undefined)('a hundred hosts', { timeout: 300_000 }, () => {
  const keys = keyFolder()
  const project = mkdtempSync(join(tmpdir(), 'tasks-hundred-'))
  const hosts: Sshd[] = []
  /** Takes connections, and never says a word. */
  const mute: Server = createServer()

  beforeAll(async () => {
    for (let number = 1; number <= count; number++)
      hosts.push(await startSshd({ path: keys.path, config: stateOf(number) }))
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    writeFileSync(keys.path('known_hosts'), hosts.map(({ knownLine }) => knownLine).join(''))
    mkdirSync(join(project, 'tasks'))
    writeFileSync(join(project, 'tasks.config.json'), JSON.stringify(config()))
    writeFileSync(join(project, 'tasks/ten.ts'), tenSteps)
    writeFileSync(join(project, 'tasks/gated.ts'), gated)
  })
  afterAll(async () => {
    mute.close()
    await Promise.all(hosts.map((host) => host.close()))
    keys.remove()
    rmSync(project, { recursive: true })
  })

  it('each answer for themselves, and are told apart', async () => {
    const { events, exitCode, peak } = await tasks(
      'exec',
      '--host',
      '@well',
      '--jobs',
      '25',
      '--',
      'printenv',
      'TASKS_RUN',
    )
    expect(exitCode).toBe(0)
    const said = events.flatMap((event) =>
      event.type === 'command.output' && event.stream === 'stdout' ? [`${event.host} ${event.text.trim()}`] : [],
    )
    const wanted = Array.from({ length: count }, (_, index) => `host${index + 1} ${folderOf(index + 1)}/run`)
    expect(said.toSorted()).toEqual(wanted.toSorted())
    expect(peak).toBeLessThan(200 * 1024)
  })

  it('have ten facts made true on each, and then nothing to do', async () => {
    const first = await tasks('ten', '--host', '@well', '--jobs', '25')
    expect(outcomes(first.events)).toEqual({ done: count })
    expect(first.events.at(-1)).toMatchObject({ counts: { changed: 10 * count, met: 0, failed: 0 } })
    const again = await tasks('ten', '--host', '@well', '--jobs', '25')
    expect(again.events.at(-1)).toMatchObject({ counts: { changed: 0, met: 10 * count }, wire: { connections: count } })
    expect(again.peak).toBeLessThan(200 * 1024)
  })

  it('do not wait for one that refuses and one that says nothing', async () => {
    const jobs = 5
    const { events, exitCode } = await tasks('exec', '--host', '@all', '--jobs', `${jobs}`, '--', 'true')
    expect(outcomes(events)).toEqual({ done: count + 1, failed: 2 })
    expect(exitCode).toBe(4)
    const failed = events.flatMap((event) => (event.type === 'run.failed' ? [`${event.host} ${event.code}`] : []))
    expect(failed.toSorted()).toEqual(['mute unreachable', 'stranger refused'])
    const ends = events.flatMap((event) => (event.type === 'host.finished' ? [event.host] : []))
    expect(ends.indexOf('mute')).toBeGreaterThan(jobs) // it begins with the first of them
  })

  it('may be one machine by two names, which is told, and does the run no harm', async () => {
    const openGate = (text: string) => text.includes('"run.failed"') && writeFileSync(join(folderOf(1), 'gate'), '')
    const { events, exitCode } = await listenedTo(openGate, 'gated', '--host', 'host1,twin', '--jobs', '2')
    expect(outcomes(events)).toEqual({ done: 1, failed: 1 })
    expect(exitCode).toBe(2)
    const failed = events.find((event) => event.type === 'run.failed')
    expect(failed).toMatchObject({
      code: 'usage',
      message: `Nothing was started on "${failed?.host}", because this run is under way there already: another host of it is the same machine.`,
      hint: 'name each machine once, in --host and in the config',
    })
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', counts: { changed: 1 } })
  })

  function tasks(...words: readonly string[]) {
    return listenedTo(() => {}, ...words)
  }

  /** The real program, from what was built of it; `peak` is the most memory that it held, in KiB, as the kernel counted it. */
  async function listenedTo(heard: (text: string) => void, ...words: readonly string[]) {
    const script =
      'import resource,subprocess,sys; code=subprocess.call(sys.argv[1:]); sys.stderr.write("\\npeak %d\\n" % resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)'
    const child = spawn(
      'python3',
      ['-c', script, process.execPath, program, ...words.slice(0, 1), '--json', ...words.slice(1)],
      {
        ...{ cwd: project, stdio: ['ignore', 'pipe', 'pipe'] },
        env: { ...process.env, HOME: project, SSH_AUTH_SOCK: '' },
      },
    )
    const said = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
    child.stdout.on('data', heard)
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
    const exitCode = await new Promise((resolve) => child.on('close', resolve))
    const events = said.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Event)
    expect(said.stderr).toMatch(/^\npeak \d+\n$/) // and no warning of Node's
    return { events, exitCode, peak: Number(/peak (\d+)/.exec(said.stderr)?.[1]) }
  }

  function folderOf(number: number): string {
    return join(project, `host${number}`)
  }

  /** What a host keeps of runs is its own, though all of them are this machine. */
  function stateOf(number: number): readonly string[] {
    return [
      `SetEnv TASKS_STATE=${folderOf(number)}/state TASKS_RUN=${folderOf(number)}/run FACTS=${folderOf(number)}/facts`,
    ]
  }

  function config() {
    const { username } = userInfo()
    const login = { user: username, identityFile: keys.path('ed25519'), knownHostsFile: keys.path('known_hosts') }
    const at = (port: number) => ({ address: '127.0.0.1', port, ...login, transport: 'ssh2' })
    const well = hosts.map(({ port }, index) => [`host${index + 1}`, { ...at(port), roles: ['well'] }])
    const { port } = mute.address() as { readonly port: number }
    const stranger = { ...at(hosts[0]?.port ?? 0), identityFile: keys.path('stranger') }
    const twin = at(hosts[0]?.port ?? 0)
    return { hosts: { mute: at(port), stranger, twin, ...Object.fromEntries(well) } }
  }
})

function outcomes(events: readonly Event[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const event of events)
    if (event.type === 'host.finished') counts[event.outcome] = (counts[event.outcome] ?? 0) + 1
  return counts
}

const tenSteps = `
import { userInfo } from 'node:os'
import { defineTask, rawShell, step } from 'tasks-ssh'

export const ten = defineTask({
  name: 'ten',
  summary: 'Make ten facts true',
  steps: () => Array.from({ length: 10 }, (_, index) => step({
    name: 'fact ' + index, title: 'fact ' + index, as: userInfo().username,
    check: rawShell('[ -e "$FACTS/' + index + '" ]'),
    apply: rawShell('mkdir -p "$FACTS" && : >"$FACTS/' + index + '"'),
  })),
})
`

const gated = `
import { userInfo } from 'node:os'
import { defineTask, rawShell, step } from 'tasks-ssh'

export const gated = defineTask({
  name: 'gated',
  summary: 'Wait until the gate is open',
  steps: () => [step({
    name: 'gate', title: 'the gate is open', as: userInfo().username,
    check: rawShell('[ -e "$FACTS/../gate" ]'),
    apply: rawShell('mkdir -p "$FACTS"; until [ -e "$FACTS/../gate" ]; do sleep 0.1; done'),
  })],
})
`
