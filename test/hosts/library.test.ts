import { beforeAll, expect, it } from 'vitest'
import { attach, loadProject, type Project, start } from '../../src/door.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { projectOf } from '../cli/command-line.ts'
import { eventsOf } from '../library/on-sshd.ts'
import { provisioned } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'

onHosts('A program that uses the library', () => {
  let host: SandboxHost
  beforeAll(async () => {
    host = await withHost({ debian: 13, from: await provisioned(13) })
    await ssh(host, 'rmdir /home/elspeth/sites && nft flush ruleset', 'root')
  })
  const project = async (): Promise<Project> => await loadProject({ cwd: projectOf({ 'tasks.config.json': '{}' }) })

  it('finds a sandbox host by its name, sees what would change, and decides about each change', async () => {
    const hosts = [host.name]
    const look = start(await project(), 'provision', { hosts, mode: 'dry-run' })
    const seen = await eventsOf(look)
    const changes = (await look.result).counts.wouldChange + (await look.result).counts.after
    expect(changes).toBeGreaterThan(1)
    const titles: string[] = []
    const step = async ({ title }: { readonly title: string }) => {
      titles.push(title)
      return title.includes('is a folder') ? ('apply' as const) : ('skip' as const)
    }
    const decided = start(await project(), 'provision', { hosts, mode: 'step', ask: { step } })
    expect((await decided.result).counts).toMatchObject({ changed: 1, failed: 0 })
    const wanted = seen.flatMap((event) =>
      event.type === 'step.finished' && event.verdict === 'would change' ? [event.title] : [],
    )
    expect(titles).toEqual(expect.arrayContaining(wanted.slice(0, 1)))
    expect(await ssh(host, 'test -d /home/elspeth/sites', 'root')).toMatchObject({ code: 0 })
    expect(await start(await project(), 'provision', { hosts }).result).toMatchObject({ outcome: 'done', exitCode: 0 })
  })

  it('lists the runs of the host, and tells the last of them again', async () => {
    const list = await eventsOf(start(await project(), 'runs', { hosts: [host.name] }))
    const [listed] = list.flatMap((event) => (event.type === 'runs.listed' ? [event.runs] : []))
    const again = attach(await project(), { host: host.name })
    expect((await eventsOf(again)).at(-1)).toMatchObject({
      type: 'run.finished',
      run: listed?.[0]?.run,
      outcome: 'done',
    })
    expect(listed?.[0]).toMatchObject({ task: 'provision', state: 'done' })
  })
})
