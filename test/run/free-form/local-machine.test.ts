import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { secret } from '../../../src/core/data.ts'
import type { Event } from '../../../src/core/event.ts'
import type { LocalMachine } from '../../../src/core/free-form.ts'
import { sh } from '../../../src/core/sh.ts'
import { localMachine } from '../../../src/run/free-form/local-machine.ts'
import { connectLocal } from '../../../src/transport/local.ts'
import { until } from '../../hosts/until.ts'

let root: string
let local: LocalMachine
let events: Event[]
let kill: AbortController

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'tasks local '))
  mkdirSync(join(root, 'front end'))
  events = []
  kill = new AbortController()
  local = localMachine({
    root,
    task: 'build',
    connection: await connectLocal({ env: { PERSONAL: 'yes' } }),
    emit: (event) => void events.push(event),
    isStopped: () => false,
    kill: kill.signal,
  })
})
afterEach(() => rmSync(root, { recursive: true }))

it("runs a command in the project's folder, with the person's environment", async () => {
  expect(await local.run(sh`pwd; echo "$PERSONAL"`)).toMatchObject({ stdout: `${root}\nyes\n`, isOk: true })
  expect(await local.run(sh`pwd`)).not.toHaveProperty('host')
  expect((await local.cd('front end').env({ A: 1 }).run(sh`pwd; echo $A; cat`, { input: 'in' })).stdout).toBe(
    `${root}/front end\n1\nin`,
  )
  expect(events[0]).toEqual({ type: 'command.started', task: 'build', number: 1, command: 'pwd; echo "$PERSONAL"' })
})

it('tells one that fails', async () => {
  await expect(local.run(sh`exit 3`)).rejects.toMatchObject({
    message: 'The command "exit 3" on this machine ended with exit code 3.',
  })
})

it('gives a secret to what the command starts, and to no process before it', async () => {
  const running = local
    .env({ TOKEN: secret('t', 'correct horse') })
    .run(sh`cat "/proc/$$/environ" | grep -c horse; sh -c 'echo "$TOKEN"'`, { ok: 'any' })
  expect((await running).stdout).toBe('0\ncorrect horse\n')
  expect(JSON.stringify(events)).not.toContain('correct horse')
})

it('ends all that a command has started when the run is to end at once', async () => {
  const running = local.run(sh`echo begun; sleep 8765 | sleep 8766`)
  running.catch(() => {})
  await until(() => events.some((event) => event.type === 'command.output'))
  kill.abort()
  await expect(running).rejects.toMatchObject({
    code: 'interrupted',
    message:
      'The command "echo begun; sleep 8765 | sleep 8766" on this machine was ended, because the run was interrupted.',
  })
  expect(execFileSync('ps', ['axww', '-o', 'args']).toString()).not.toMatch(/sleep 876/)
})
