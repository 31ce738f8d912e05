import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { secret } from '../../src/core/data.ts'
import { sh } from '../../src/core/sh.ts'
import { step } from '../../src/core/step.ts'
import { bootstrapCommand, bootstrapInput, type RunHead } from '../../src/program/bootstrap.ts'
import { compile } from '../../src/program/compile.ts'
import { connectLocal } from '../../src/transport/local.ts'
import { toldWhy } from '../told.ts'

const folder = mkdtempSync(join(tmpdir(), 'tasks-bootstrap-'))
const head: RunHead = {
  marker: 'tasks-m',
  run: `run-${process.pid}`,
  mode: 'run',
  wait: false,
  holder: { user: 'Zoë Q', machine: 'laptop', since: 'now', task: 'test' },
}

function programThatMakes(path: string) {
  const hidden = secret('hidden', 'hush hush')
  const made = step({
    name: 'made',
    title: 'made',
    as: userInfo().username,
    data: [hidden],
    check: sh`test -e ${path}`,
    apply: sh`: >${path}`,
  })
  return compile([{ task: 'test', summary: '', steps: [made] }], {
    host: 'here',
    loginUser: userInfo().username,
    style: 'wire',
  })
}

async function sent(bytes: Uint8Array, state: string) {
  const connection = await connectLocal({ env: { TASKS_STATE: `${state}.state`, TASKS_RUN: `${state}.run` } })
  const channel = await connection.open(bootstrapCommand)
  const read = async (stream: AsyncIterable<Uint8Array>) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of stream) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }
  const said = Promise.all([read(channel.stdout), read(channel.stderr)])
  await channel.write(bytes)
  channel.end()
  const [stdout, stderr] = await said
  const end = await channel.ended
  await connection.close()
  return { stdout, stderr, end }
}

describe('the command that receives a program', () => {
  it('runs what came whole', async () => {
    const path = join(folder, 'whole')
    const { stdout, stderr } = await sent(bootstrapInput(programThatMakes(path), head), path)
    expect(stderr).toBe('')
    expect(stdout).toContain('\ntasks-m end 1 changed 0')
    expect(existsSync(path)).toBe(true)
  })

  it('runs nothing of what was cut anywhere, and leaves nothing behind', async () => {
    const path = join(folder, 'cut')
    const whole = bootstrapInput(programThatMakes(path), head)
    const line = whole.indexOf(10)
    const cuts = [0, 1, line - 1, line, line + 1, line + 2, whole.length - 30, whole.length - 9, whole.length - 1]
    const more = Array.from({ length: 24 }, (_, index) => Math.floor((whole.length * (index + 0.5)) / 24))
    for (const cut of [...cuts, ...more]) {
      const { stdout, end } = await sent(whole.subarray(0, cut), path)
      expect([cut, stdout, end]).toEqual([cut, '', { kind: 'exited', code: 98 }])
    }
    expect([existsSync(path), existsSync(`${path}.run`)]).toEqual([false, false])
    expect(await gone(leftovers())).toEqual([])
  })

  it('leaves nothing behind when nobody hears why it gave up', async () => {
    const before = new Set(leftovers())
    const child = spawn('/bin/sh', ['-c', bootstrapCommand])
    child.stdout.destroy()
    child.stderr.destroy()
    child.stdin.end(bootstrapInput(programThatMakes(join(folder, 'unheard')), head).slice(0, 300))
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(98)
    expect(await gone(leftovers().filter((name) => !before.has(name)))).toEqual([])
  })

  it('runs nothing of what was changed on the way', async () => {
    const path = join(folder, 'changed')
    const whole = Buffer.from(bootstrapInput(programThatMakes(path), head))
    const inside = whole.indexOf(10) + 200
    whole.writeUInt8(whole.readUInt8(inside) ^ 1, inside)
    const { stdout, stderr, end } = await sent(whole, path)
    expect([stdout, stderr, end]).toEqual(['', 'tasks-bootstrap: incomplete\n', { kind: 'exited', code: 98 }])
  })

  it('is short, and has no character that some login shell reads as something else', () => {
    expect(bootstrapCommand.length).toBeLessThan(1200)
    expect(bootstrapCommand.slice("sh -c '".length, -1)).not.toMatch(/['\\!\n]/)
  })

  const noCsh = toldWhy('the bootstrap in csh', isThere('tcsh') ? undefined : 'tcsh is not installed')
  it.skipIf(noCsh !== undefined)('is read alike by csh', async () => {
    const child = spawn('tcsh', ['-f', '-c', bootstrapCommand])
    child.stdin.end('x')
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(98)
  })
})

/** Those that are still there after a while: other tests on this machine have theirs, which go. */
async function gone(names: readonly string[]): Promise<readonly string[]> {
  let left = names
  for (let tries = 0; tries < 200 && left.length > 0; tries++) {
    left = left.filter((name) => existsSync(join('/dev/shm', name)))
    await sleep(50)
  }
  return left
}

function leftovers(): readonly string[] {
  return readdirSync('/dev/shm').filter((name) => /^tasks\./.test(name))
}

function isThere(name: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', `command -v ${name}`])
    return true
  } catch {
    return false
  }
}
