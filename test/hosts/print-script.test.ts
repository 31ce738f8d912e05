import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { AnyTask } from '../../src/core/task.ts'
import { printScript } from '../../src/run/index.ts'
import { idlePaths, type SandboxHost, sshOptions, upperEntries } from '../../src/sandbox/index.ts'
import { run } from '../../src/sandbox/shell.ts'
import { deploy } from '../../tasks/deploy.ts'
import { provision } from '../../tasks/provision.ts'
import { ownProject, requestOn, stepsThat, type TaskOptions, taskOn } from './floors.ts'
import { onEachDebian, onHosts, ssh, withHost } from './host.ts'

onHosts('A printed script', () => {
  onEachDebian('on a bare Debian %i', (debian) => {
    it('does nothing where it was cut, and what the run does where it is whole', async () => {
      const host = await withHost({ debian })
      const project = await ownProject()
      const script = await scriptFor(host, deploy, { project })
      const before = upperEntries(host.upper, idlePaths)
      for (const cut of cuts(script)) expect([cut, (await piped(host, script.slice(0, cut))).stdout]).toEqual([cut, ''])
      expect(upperEntries(host.upper, idlePaths)).toEqual(before)
      expect((await ssh(host, 'ls -d /tmp/tmp* /dev/shm/* /run/tasks', 'root')).stdout).toBe('')
      const { code, stdout, stderr } = await piped(host, script)
      expect(code, stdout.slice(-2000) + stderr.slice(-2000)).toBe(0)
      const after = await taskOn(host, deploy, { project, user: 'root' })
      expect(stepsThat(after, 'met')).toEqual(Object.keys(after.verdicts).sort())
    })
  })

  it('says what it does, step by step, and only says it where it is told to', async () => {
    const host = await withHost()
    const script = await scriptFor(host, provision)
    const before = upperEntries(host.upper, idlePaths)
    const dry = await piped(host, script, 'TASKS_MODE=dry-run sh')
    expect(dry.code).toBe(0)
    expect(dry.stdout).toMatch(/^met +the host runs Debian or Ubuntu$/m)
    expect(dry.stdout).toMatch(/^would +packages /m)
    expect(upperEntries(host.upper, idlePaths)).toEqual(before)
  })

  it('refuses to be run by somebody who is not root', async () => {
    const host = await withHost()
    const { code, stderr } = await piped(host, await scriptFor(host, provision), 'sh', 'elspeth')
    expect([code, stderr]).toEqual([1, 'This script must be run by root: | ssh HOST sudo sh\n'])
  })

  it('holds no secret unless it was told to, and then says what it lacks instead of doing half', async () => {
    const host = await withHost()
    const project = await ownProject()
    const dotenv = join(project, '.env.staging')
    await writeFile(dotenv, 'EMAIL_PASSWORD=tr0ub4dor-and-three\n')
    const script = await scriptFor(host, deploy, { project, dotenv })
    expect(script).not.toContain('tr0ub4dor')
    const before = upperEntries(host.upper, idlePaths)
    const { code, stderr } = await piped(host, script)
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^This script needs secrets that it does not hold: \S+\. Print it again with --include-secrets\.\n$/,
      ),
    ])
    expect(upperEntries(host.upper, idlePaths)).toEqual(before)
    const whole = await scriptFor(host, deploy, { project, dotenv }, true)
    expect(
      Buffer.from(whole.match(/^[A-Za-z0-9+/=]{20,}$/gm)?.join('') ?? '', 'base64').includes('tr0ub4dor') ||
        whole.includes('tr0ub4dor'),
    ).toBe(true)
  })
})

function scriptFor(
  host: SandboxHost,
  task: AnyTask,
  options: TaskOptions = {},
  includeSecrets = false,
): Promise<string> {
  return printScript({ ...requestOn(host, task, { ...options, user: 'root', emit: () => {} }), includeSecrets })
}

/** As a person pipes it. */
function piped(host: SandboxHost, script: string, command = 'sh', user = 'root') {
  return run(['ssh', ...sshOptions(host), `${user}@${host.address}`, command], { input: script })
}

/** The places where something begins or ends, and some between. */
function cuts(script: string): readonly number[] {
  const last = script.length - 1
  const edges = [
    1,
    script.indexOf('\n'),
    script.indexOf('script=$(mktemp'),
    script.indexOf('#!/bin/sh'),
    script.lastIndexOf('END_OF'),
    last - 20,
    last - 14,
  ]
  const between = Array.from({ length: 12 }, () => Math.floor(Math.random() * (script.lastIndexOf('END_OF') - 1)) + 1)
  return [...edges, ...between]
}
