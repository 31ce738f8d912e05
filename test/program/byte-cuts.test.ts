import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Connection } from '../../src/core/connection.ts'
import { sh } from '../../src/core/sh.ts'
import { step } from '../../src/core/step.ts'
import { attachProgram } from '../../src/program/attach.ts'
import { bootstrapCommand, bootstrapInput } from '../../src/program/bootstrap.ts'
import { compile } from '../../src/program/compile.ts'
import type { Program } from '../../src/program/program.ts'
import { until } from '../hosts/until.ts'
import { appliedOnce, type Counted, countedRun, expectWhole, type Size } from '../run/counted-run.ts'
import { type Cut, cutting } from '../run/cutting.ts'
import { type Machine, machine, shells } from './harness.ts'

describe('a run whose stream is cut', () => {
  it('at any byte that is sent does nothing at all, and says so', async () => {
    const machines = shells.map(machine)
    const { sent } = await sizeOf(machines[0] as Machine, {})
    const cuts = Array.from({ length: Math.ceil(sent / 64) }, (_, index) => index * 64)
    const endings = await inParallel(cuts, (bytes, index) =>
      cutRun(machines[index % machines.length] as Machine, [{ direction: 'sent', bytes }]),
    )
    expect(endings.map(({ exitCode }) => exitCode)).toEqual(cuts.map(() => 4))
  })

  it('at any byte that is received is done once; or not at all, where the host still wanted something', async () => {
    const machines = shells.map(machine)
    const { received } = await sizeOf(machines[0] as Machine, {})
    const cuts = Array.from({ length: Math.ceil(received / 64) }, (_, index) => index * 64 + 1)
    const endings = await inParallel(cuts, (bytes, index) =>
      cutRun(machines[index % machines.length] as Machine, [{ direction: 'received', bytes }]),
    )
    expect(endings.filter(({ exitCode }) => exitCode === 0).length).toBeGreaterThan(cuts.length * 0.8)
  })

  it('again and again, at random bytes, is done once, or not at all, also when it is large', async () => {
    const machines = shells.map(machine)
    const large = { steps: 40, size: 300_000 }
    const { sent, received } = await sizeOf(machines[0] as Machine, large)
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
    const random = randomFrom(seed)
    const cuts = Array.from({ length: 18 }, (): readonly Cut[] =>
      [random(), random(), random()].map((where, index) =>
        index === 0 && where < 0.6
          ? { direction: 'sent', bytes: Math.ceil(random() * sent) }
          : { direction: 'received', bytes: Math.ceil(where * received) },
      ),
    )
    console.log(`cuts of large runs: SEED=${seed}`)
    await inParallel(cuts, (each, index) => cutRun(machines[index % machines.length] as Machine, each, large))
  })
})

describe.each(shells)('in %s, a program', (shell) => {
  it('that arrives when its client was told that nothing has begun does not begin', async () => {
    const here = machine(shell)
    const me = userInfo().username
    const made = step({ name: 's', title: 's', as: me, check: sh`false`, apply: sh`: >${join(here.folder, 'made')}` })
    const late = compile([{ task: 't', summary: '', steps: [made] }], { host: 'h', loginUser: me, style: 'wire' })
    expect(await said(here, attachProgram(0, { needsRoot: false }))).toBe('\nmark finish never\n')
    expect(await said(here, late)).toBe('\nmark finish unprepared\n')
    expect(await said(here, attachProgram(0, { needsRoot: false }))).toBe('\nmark finish never\n')
    expect(existsSync(join(here.folder, 'made'))).toBe(false)
  })

  it('that comes again while it is under way, as to a machine with two names, is refused and does the first no harm', async () => {
    const here = machine(shell)
    const me = userInfo().username
    const [begun, gate] = [join(here.folder, 'begun'), join(here.folder, 'gate')]
    const made = step({
      ...{ name: 's', title: 's', as: me, check: sh`test -e ${gate}` },
      apply: sh`: >${begun}; until [ -e ${gate} ]; do sleep 0.1; done`,
    })
    const program = compile([{ task: 't', summary: '', steps: [made] }], { host: 'h', loginUser: me, style: 'wire' })
    const first = said(here, program)
    await until(() => existsSync(begun))
    expect(await said(here, program)).toBe('\nmark finish twice\n')
    expect(existsSync(join(here.folder, 'run/late/pid'))).toBe(true)
    writeFileSync(gate, '')
    expect(await first).toMatch(/\nmark finish done 1 1\n$/)
  })
})

async function said(here: Machine, program: Program): Promise<string> {
  const holder = { user: 'me', machine: 'here', since: 'now', task: 't' }
  const connection = await here.connect()
  const channel = await connection.open(bootstrapCommand)
  await channel.write(bootstrapInput(program, { marker: 'mark', run: 'late', mode: 'run', wait: false, holder }))
  channel.end()
  const chunks: Uint8Array[] = []
  for await (const chunk of channel.stdout) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** Cuts a run; what came of it is one of the two things that it may come to. */
async function cutRun(here: Machine, cuts: readonly Cut[], size: Size = {}): Promise<Counted> {
  const folder = join(here.folder, `cut-${cuts.map(({ direction, bytes }) => `${direction}-${bytes}`).join('-')}`)
  mkdirSync(folder)
  const ended = await countedRun({ ...size, folder, connect: cutting(() => here.connect(), cuts) })
  expectWhole(ended, { folder, cuts, ...size })
  rmSync(folder, { recursive: true })
  return ended
}

/** How many bytes cross a whole run's channel. */
async function sizeOf(here: Machine, size: Size) {
  const folder = join(here.folder, 'whole')
  mkdirSync(folder)
  const connections: Connection[] = []
  const connect = async () => {
    const connection = await here.connect()
    connections.push(connection)
    return connection
  }
  const { exitCode, applied } = await countedRun({ ...size, folder, connect })
  expect([exitCode, applied]).toEqual([0, appliedOnce(size.steps)])
  const { bytesSent = 0, bytesReceived = 0 } = connections[0]?.wire() ?? {}
  return { sent: bytesSent, received: bytesReceived }
}

async function inParallel<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  const left = [...items.entries()]
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift()) results.push(await work(next[1], next[0]))
  }
  await Promise.all(Array.from({ length: 6 }, worker))
  return results
}

/** Park and Miller's. */
function randomFrom(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
