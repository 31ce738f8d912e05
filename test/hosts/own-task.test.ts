import { hostname, userInfo } from 'node:os'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import type { RunFinished } from '../../src/core/event.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { tasks } from '../cli/command-line.ts'
import { provisioned } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'

onHosts('the task of examples/own-task', () => {
  let host: SandboxHost

  beforeAll(async () => {
    host = await withHost({ debian: 12, from: await provisioned(12) })
    await ssh(host, `mkdir -p ${site}/database && python3 -c "${aDatabase}"`)
  })

  it('is done after what it needs, and leaves nothing to do', async () => {
    const announced = await copies('--dry-run')
    const first = await copies()
    expect(first).toMatchObject({ outcome: 'done' })
    expect(announced.counts.wouldChange + announced.counts.after).toBe(first.counts.changed)
    expect((await copies()).counts.changed).toBe(0)
  })

  it('keeps copies that SQLite can read, for their owner alone', async () => {
    const { stdout } = await ssh(host, `cd ${site}/copies && stat -c %a * && sqlite3 * 'select text from item'`)
    expect(stdout).toBe('600\nBuy feathers\n')
  })

  it('copies anew when the timer says so', async () => {
    const { stdout } = await ssh(
      host,
      `rm ${site}/copies/*; sudo systemctl start copies-staging.example.com; ls ${site}/copies; systemctl is-enabled copies-staging.example.com.timer`,
    )
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\d-db\.sqlite3\nenabled\n$/)
  })

  it('is written down as a page, from what its host remembers', async () => {
    const { exitCode, stdout, stderr } = await tasks(['report', '--host', host.name, '--html', '-'], { cwd })
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^<!doctype html>[\s\S]*<h1>copies of staging\.example\.com<\/h1>/)
    expect(stdout).toContain(`<dd>${userInfo().username}@${hostname()}</dd>`)
    expect(stdout).toContain('Nothing to do: all 20 steps are already so.')
    expect(stdout.match(/<li class="step met"/g)).toHaveLength(20)
    expect(stdout).toContain('<svg class="timeline"')
  })

  async function copies(...flags: readonly string[]): Promise<RunFinished> {
    const words = ['copies', '--site', 'staging.example.com', '--host', host.name, '--json', ...flags]
    const { stdout } = await tasks(words, { cwd })
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as RunFinished
  }
})

const cwd = fileURLToPath(new URL('../../examples/own-task', import.meta.url))
const site = 'sites/staging.example.com'
const aDatabase = [
  'import sqlite3',
  `d = sqlite3.connect('${site}/database/db.sqlite3')`,
  "d.execute('create table item (text)')",
  `d.execute('insert into item values (\\\\'Buy feathers\\\\')')`,
  'd.commit()',
].join('; ')
