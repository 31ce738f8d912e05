import { type ChildProcess, spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { beforeAll, expect, it } from 'vitest'
import type { Event } from '../../src/core/event.ts'
import { type SandboxHost, sandboxDown } from '../../src/sandbox/index.ts'
import { provision } from '../../tasks/provision.ts'
import { program, projectOf } from '../cli/command-line.ts'
import { deployOn, exampleProject, page } from './deploy-on.ts'
import { provisioned, taskOn } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'
import { until } from './until.ts'

onHosts('killed in apt and run again at once, the next run', () => {
  it('of a client that was killed tells who is at work and where, waits, and has nothing left to do', async () => {
    const host = await withHost()
    const client = started(['provision', '--host', host.name], projectOf({ 'tasks.config.json': '{}' }))
    await appears(host, dpkgAtWork)
    client.kill('SIGKILL')
    const again = await taskOn(host, provision)
    expect(again).toMatchObject({ because: undefined, outcome: 'done', counts: { changed: 0 } })
    expect(again.events.filter(({ type }) => type === 'lock.waiting')).toMatchObject([
      { lock: 'host', holder: { task: 'provision', place: { name: 'packages', task: 'provision', isAtWork: true } } },
    ])
    expect(notesOf(again.events)).toEqual([])
    await sandboxDown(host.name)
  })
})

onHosts('killed and run again, the next run', () => {
  let host: SandboxHost
  let project: string
  beforeAll(async () => {
    host = await withHost({ from: await provisioned(13) })
    project = await exampleProject()
    return () => rm(project, { recursive: true })
  })

  it('of a program that was killed alone in apt waits for the orphan that is at work, names it, and converges', async () => {
    await ssh(host, withoutNginx, 'root')
    const dead = taskOn(host, provision)
    await appears(host, dpkgAtWork)
    await ssh(host, `kill -STOP $(pgrep -f "${dpkgAtWork}"); kill -KILL $(cat /run/tasks/*/pid)`, 'root')
    const said: string[] = []
    const again = taskOn(host, provision, {
      onEvent: (event) => {
        if (event.type === 'step.output') said.push(event.text)
      },
    })
    await until(() => /APT is used by process \d+ \(apt-get /.test(said.join('')))
    await ssh(host, `kill -CONT $(pgrep -f "${dpkgAtWork}")`, 'root')
    const done = await again
    expect(done).toMatchObject({ because: undefined, outcome: 'done' })
    expect(notesOf(done.events)).toEqual([
      expect.stringMatching(
        /^The last provision of "web1" \(\S+@\S+, [\d-]+ [\d:]+ UTC\) stopped in step \d+ of \d+ \(packages\); this run goes on from there\.$/,
      ),
    ])
    expect(await dead).toMatchObject({ outcome: 'failed', exitCode: 1 })
    await expectWell(host)
  })

  it('of a program that was killed in apt with all that it had started repairs what dpkg left, and converges', async () => {
    await ssh(host, withoutNginx, 'root')
    const dead = taskOn(host, provision)
    await appears(host, dpkgAtWork)
    await killGroup(host)
    const again = await taskOn(host, provision)
    expect(again).toMatchObject({ because: undefined, outcome: 'done' })
    expect(notesOf(again.events)).toEqual([expect.stringMatching(/ stopped in step \d+ of \d+ \(packages\); /)])
    expect(await dead).toMatchObject({ outcome: 'failed', exitCode: 1 })
    await expectWell(host)
  })

  it('in pip in a first deploy converges, nginx is reloaded, and the page of the site itself is served', async () => {
    const site = 'killed.example.com'
    const client = started(['deploy', '--site', site, '--host', host.name], project)
    await appears(host, pipAtWork)
    client.kill('SIGKILL')
    await killGroup(host)
    const again = await deployOn(host, { project, site })
    expect(again).toMatchObject({ outcome: 'done', failure: undefined })
    expect(again.notes).toContainEqual(
      expect.stringMatching(
        /^The last deploy of killed\.example\.com \(.*\) stopped in step \d+ of \d+ \(virtualenv\); this run goes on from there\.$/,
      ),
    )
    expect((await page(host, site)).body).toContain('To-Do lists')
    await expectWell(host)
  })

  it('in pip, the client alone, waits for the host to finish by itself, and has nothing left to do', async () => {
    const site = 'left.example.com'
    const client = started(['deploy', '--site', site, '--host', host.name], project)
    await appears(host, pipAtWork)
    client.kill('SIGKILL')
    const again = await deployOn(host, { project, site })
    expect(again).toMatchObject({ outcome: 'done', failure: undefined })
    expect(again.events.filter(({ type }) => type === 'lock.waiting')).toMatchObject([
      { lock: `site-${site}`, holder: { task: 'deploy', site, place: { name: 'virtualenv' } } },
    ])
    expect(Object.values(again.verdicts)).not.toContain('changed')
    expect((await page(host, site)).body).toContain('To-Do lists')
  })
})

/** Patterns for pgrep that do not find the shell that looks for them. */
const dpkgAtWork = '[d]pkg .*--status-fd'
const pipAtWork = '[p]ip install'

/** So that APT has something to do again. */
const withoutNginx = 'DEBIAN_FRONTEND=noninteractive apt-get -q -y purge nginx nginx-common'

/** The real program as a process of its own, which can be killed. */
function started(words: readonly string[], folder: string): ChildProcess {
  const env = { ...process.env, TASKS_DEV: '1' }
  return spawn(process.execPath, [program, ...words, '--json'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Waits on the host itself, so that no moment is missed. */
async function appears(host: SandboxHost, pattern: string): Promise<void> {
  const look = `for look in $(seq 20000); do pgrep -f "${pattern}" && exit; sleep 0.02; done; exit 1`
  expect((await ssh(host, look, 'root')).code).toBe(0)
}

/** The program, its steps and all that they have started. */
async function killGroup(host: SandboxHost): Promise<void> {
  await ssh(host, 'kill -KILL -- -"$(ps -o pgid= -p "$(cat /run/tasks/*/pid)" | tr -d " ")"', 'root')
}

/** Neither dpkg nor systemd complains, nothing is owed, and nothing is left to do. */
async function expectWell(host: SandboxHost): Promise<void> {
  const look = 'dpkg --audit; systemctl --failed --plain --no-legend; ls /var/lib/tasks/owed'
  expect((await ssh(host, look, 'root')).stdout).toBe('')
  expect(await taskOn(host, provision)).toMatchObject({ outcome: 'done', counts: { changed: 0 } })
}

function notesOf(events: readonly Event[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'note.told' && event.level === 'note' ? event.message : []))
}
