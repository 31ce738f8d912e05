import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { App } from '../../src/core/app.ts'
import type { Connection } from '../../src/core/connection.ts'
import { content, secret } from '../../src/core/data.ts'
import type { Event } from '../../src/core/event.ts'
import { sh } from '../../src/core/sh.ts'
import { type Step, step } from '../../src/core/step.ts'
import { defineTask } from '../../src/core/task.ts'
import { run } from '../../src/run/index.ts'
import { connectLocal } from '../../src/transport/local.ts'

export interface Counted {
  readonly exitCode: number
  readonly because: string | undefined
  readonly events: readonly Event[]
  /** A line for each time that a step was applied. */
  readonly applied: readonly string[]
}

export interface Size {
  readonly steps?: number
  /** Bytes of the file that the host lacks. */
  readonly size?: number
}

interface Options extends Size {
  /** Where the steps leave what they do; a folder that is there. */
  readonly folder: string
  readonly connect: () => Promise<Connection>
}

/** The lines that a run leaves in which each step was applied exactly once. */
export function appliedOnce(steps = 10): readonly string[] {
  return Array.from({ length: steps }, (_, index) => `step ${index}`)
}

/** A run whose steps count how often they are applied; the first has a secret, the second a file that the host asks for. */
export async function countedRun({ folder, connect, steps = 10, size = 200 }: Options): Promise<Counted> {
  const events: Event[] = []
  const never = new AbortController().signal
  const { exitCode } = await run({
    app,
    roots: [
      {
        task: defineTask({ name: 'count', summary: 'Count', steps: () => countingSteps(folder, steps, size) }),
        params: {},
      },
    ],
    hosts: [{ name: 'here', address: 'here' }],
    mode: 'run',
    only: [],
    wait: false,
    jobs: 1,
    emit: (event) => void events.push(event),
    ask: {},
    stop: never,
    kill: never,
    connectLocal,
    connect,
    retryAfter: [0, 0, 0, 0],
  })
  const because = events.flatMap((event) => (event.type === 'run.failed' ? event.message : []))[0]
  return { exitCode, because, events, applied: linesOf(join(folder, 'applied')) }
}

/** Whatever was done to its connections, a run has done and said everything once, or nothing, and says so. */
export function expectWhole(
  ended: Counted,
  { folder, steps, cuts }: Size & { readonly folder: string; readonly cuts: unknown },
): void {
  const { exitCode, because, applied, events } = ended
  if (exitCode !== 0) {
    expect({ cuts, because, applied }).toEqual({ cuts, because: expect.stringMatching(nothingBegan), applied: [] })
    return
  }
  expect({ cuts, because, applied }).toEqual({ cuts, because: undefined, applied: appliedOnce(steps) })
  const files = ['secret', 'file'].flatMap((name) => linesOf(join(folder, name)))
  expect(files.map((text) => text.replace(/( and more)+$/, ''))).toEqual([
    `the secret of ${folder}`,
    `the file of ${folder}`,
  ])
  const said = events.flatMap((event) => (event.type === 'step.output' ? event.text : [])).join('')
  expect(said).toBe(
    appliedOnce(steps)
      .map((line) => `doing ${line}\n`)
      .join(''),
  )
}

/** The second, where the login was just done. */
const nothingBegan =
  /^(Nothing was started on "here", because the connection was lost before the program was there whole\.$|Cannot run a command on )/

function countingSteps(folder: string, count: number, size: number): readonly Step[] {
  const hidden = secret('hidden', `the secret of ${folder}`)
  const wanted = content(`the file of ${folder}${' and more'.repeat(size / 9)}`)
  return Array.from({ length: count }, (_, index) => {
    const line = `step ${index}`
    const data = index === 0 ? hidden : index === 1 ? wanted : undefined
    const copied = data ? sh`cat ${data} >>${join(folder, index === 0 ? 'secret' : 'file')}` : sh`:`
    return step({
      name: line,
      title: line,
      as: userInfo().username,
      ...(data && { data: [data] }),
      check: sh`grep -qsx ${line} ${join(folder, 'applied')} || exit 1`,
      apply: sh`
        ${copied}
        printf 'doing %s\n' ${line}
        printf '%s\n' ${line} >>${join(folder, 'applied')}`,
    })
  })
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').replace(/\n$/, '').split('\n')
  } catch {
    return []
  }
}

const app: App = {
  root: '/nonexistent',
  project: {} as App['project'], // no step asks what it is
  hosts: {},
  stages: {},
  sites: {},
  provision: { firewall: false, unattendedUpgrades: false, packages: [], repositories: [] },
  verify: {},
}
