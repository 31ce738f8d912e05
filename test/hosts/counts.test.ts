import { beforeAll, expect, it } from 'vitest'
import type { RunWire } from '../../src/core/event.ts'
import { sh } from '../../src/core/sh.ts'
import { type Step, step } from '../../src/core/step.ts'
import type { AnyTask } from '../../src/core/task.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { absent } from '../../src/steps/absent.ts'
import { deploy } from '../../tasks/deploy.ts'
import { commitFile, deployed, ownProject, type Ran, type TaskOptions, taskOn } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'

const site = '/home/elspeth/sites/staging.example.com'
const startsFile = '/home/elspeth/python-starts'

// Python reads such a file at each start, before anything else: the virtualenv's is read by all that runs the project. Some read it twice.
const countPythonStarts = `
: >${startsFile} && chmod 666 ${startsFile}
for folder in /usr/lib/python3/dist-packages ${site}/virtualenvs/*/lib/python3*/site-packages; do
  printf '%s\\n' "import os, sys; open('${startsFile}', 'a').write('%s %s%s' % (os.getpid(), ' '.join(sys.orig_argv), chr(10)))" >"$folder/starts.pth"
done`

onHosts('What a run costs a host', () => {
  let host: SandboxHost
  beforeAll(async () => {
    host = await withHost({ debian: 12, from: await deployed(12) })
    await onHost(countPythonStarts)
  })

  async function onHost(text: string): Promise<string> {
    const { code, stdout, stderr } = await ssh(host, text, 'root')
    if (code !== 0) throw new Error(stderr)
    return stdout.trim()
  }

  /** The number of the process that the host started last. */
  async function lastProcess(): Promise<number> {
    return Number(await onHost("cut -d ' ' -f 5 /proc/loadavg"))
  }

  async function reloadsOfSystemd(): Promise<number> {
    return Number(await onHost("journalctl --sync; journalctl --boot --output cat _PID=1 | grep -c '^Reloading' || :"))
  }

  async function counted(what: AnyTask | readonly Step[], options: TaskOptions = {}): Promise<Counted> {
    const reloadsBefore = await reloadsOfSystemd()
    const [early, before] = [await lastProcess(), await lastProcess()]
    const ran = await taskOn(host, what, options)
    expect(ran).toMatchObject({ because: undefined, outcome: 'done' })
    const processes = (await lastProcess()) - before - (before - early) // to ask costs what asking twice tells
    const starts = await onHost(`sort -u ${startsFile}; : >${startsFile}`)
    const reloads = (await reloadsOfSystemd()) - reloadsBefore
    return { ran, processes, reloads, wire: wireOf(ran), pythons: starts.split('\n').filter(Boolean) }
  }

  it('is bounded for a deploy that finds nothing to do: connections, round trips, bytes, processes; and no Python', async () => {
    const { ran, processes, reloads, wire, pythons } = await counted(deploy, { project: await ownProject() })
    expect(ran.counts).toMatchObject({ changed: 0, failed: 0 })
    expect(wire).toMatchObject({ connections: 1, channels: 1, requests: 1 })
    // 34 and 17 thousand: the packed program, and two lines for each step.
    expect(wire.bytesSent).toBeLessThan(45_000)
    expect(wire.bytesReceived).toBeLessThan(25_000)
    // 186: ten of the login's, one for each of those 47 steps that no look-up answers, what these ask; and one for each second that a busy host takes.
    expect(processes).toBeLessThan(200)
    expect([pythons, reloads]).toEqual([[], 0])
  })

  it('is three Pythons for a changed line of code, one for all that Django is asked, one that collects, and the server; and one reload of systemd', async () => {
    const project = await ownProject()
    await commitFile(project, 'lists/changed.py', 'changed = True\n')
    const { pythons, reloads } = await counted(deploy, { project })
    const said = pythons.map((words) => /facts\.py|manage\.py \w+|bin\/gunicorn|-m \w+/.exec(words)?.[0] ?? words)
    expect(said.sort()).toEqual(['bin/gunicorn', 'facts.py', 'manage.py collectstatic'])
    expect(reloads).toBe(1)
  })

  it('is as many round trips for a thousand steps as for ten, and a process for each step; for those of ours that are looked up, none', async () => {
    const [few, many] = [await counted(metSteps(10)), await counted(metSteps(1000))]
    expect([few.wire.requests, many.wire.requests]).toEqual([1, 1])
    expect([many.wire.connections, many.wire.channels]).toEqual([1, 1])
    // 45: ten of the login's, ten steps, and what any run starts; and one for each second.
    expect(few.processes).toBeLessThan(58)
    expect(many.processes - few.processes).toBeLessThan(1020) // 990, and one for each second
    const lookedUp = Array.from({ length: 1000 }, (_, index) => absent({ path: `/srv/none/${index}` }))
    expect((await counted(lookedUp)).processes - few.processes).toBeLessThan(20)
  })
})

interface Counted {
  readonly ran: Ran
  readonly processes: number
  /** How often systemd read all its units anew, which takes as long as a hundred processes. */
  readonly reloads: number
  readonly wire: RunWire
  /** Number and command line of each Python that was started. */
  readonly pythons: readonly string[]
}

function metSteps(count: number): readonly Step[] {
  return Array.from({ length: count }, (_, index) =>
    step({ name: `step ${index}`, title: `step ${index}`, check: sh`[ -e /etc/passwd ]`, apply: sh`exit 1` }),
  )
}

function wireOf({ events }: Ran): RunWire {
  const last = events.at(-1)
  if (last?.type !== 'run.finished') throw new Error('the run has not finished')
  return last.wire
}
