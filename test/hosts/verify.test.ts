import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import type { Event } from '../../src/core/event.ts'
import { run } from '../../src/run/index.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { verify } from '../../tasks/verify.ts'
import { deployed, ownProject, requestOn, type TaskOptions } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'

onHosts("the user's own functional tests", () => {
  let host: SandboxHost
  beforeAll(async () => {
    host = await withHost({ debian: 12, from: await deployed(12) })
  })

  async function verified(project: string, functionalTests: string, options: TaskOptions = {}) {
    const events: Event[] = []
    const request = requestOn(host, verify, { project, ...options, emit: (event) => void events.push(event) })
    const result = await run({ ...request, app: { ...request.app, verify: { functionalTests } } })
    return { ...result, events }
  }

  it('run on this machine, in the project, and know which server they are for', async () => {
    const project = await ownProject()
    const command = `printf '%s %s %s' "$STAGING_SERVER" "$TEST_SERVER" "$PWD" >told; echo all is well`
    const { exitCode, events } = await verified(project, command)
    expect(exitCode).toBe(0)
    expect(readFileSync(join(project, 'told'), 'utf8')).toBe(`staging.example.com staging.example.com ${project}`)
    expect(events.flatMap((event) => (event.type === 'command.output' ? event.text : [])).join('')).toBe(
      'all is well\n',
    )
  })

  it('fail the run when they fail', async () => {
    const { exitCode, events } = await verified(await ownProject(), 'echo one test failed; exit 3')
    expect(exitCode).toBe(1)
    expect(events.find((event) => event.type === 'run.failed')).toMatchObject({
      task: 'verify',
      message: 'The command "echo one test failed; exit 3" on this machine ended with exit code 3.',
    })
  })

  it('are left out of a dry run', async () => {
    const project = await ownProject()
    expect((await verified(project, 'touch told', { mode: 'dry-run' })).exitCode).toBe(0)
    expect(existsSync(join(project, 'told'))).toBe(false)
  })

  it('are not run for a site that does not serve what was deployed', async () => {
    const project = await ownProject()
    await ssh(host, 'systemctl stop "gunicorn-staging.example.com@*"', 'root')
    const { exitCode, events } = await verified(project, 'touch told')
    expect(exitCode).toBe(1)
    expect(existsSync(join(project, 'told'))).toBe(false)
    expect(events.find((event) => event.type === 'run.failed')).toMatchObject({
      message: expect.stringContaining('Cannot take "staging.example.com" for served, because'),
    })
  })
})
