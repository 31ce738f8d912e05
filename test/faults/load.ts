import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Event } from '../../src/core/event.ts'
import type { Debian } from '../../src/sandbox/index.ts'
import { startClient } from './client.ts'
import { type Ground, ground, standing } from './series.ts'
import { reason } from './trial.ts'

/** What came of a load: answers by `STATUS SITE/RELEASE`, sockets that failed, and microseconds. */
export interface Heard {
  readonly answers: Readonly<Record<string, number>>
  readonly errors: Readonly<Record<'connect' | 'read' | 'write' | 'timeout', number>>
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export interface Turns {
  /** The same load with nothing else going on. */
  readonly idle: Heard
  readonly busy: Heard
  /** The releases that were switched to, the first one among them, as their responses name them. */
  readonly good: readonly string[]
  /** The one that answers with 500 to whoever asks. */
  readonly bad: string
  /** What of the turns did not end as it should. */
  readonly failures: readonly string[]
}

/** Deploys and rolls back in turn while a load goes on; half way, a release that is not healthy is deployed, too. */
export async function turnsUnderLoad(debian: Debian, turns: number): Promise<Turns> {
  const here = await ground(['first'], debian)
  try {
    const first = startLoad(here)
    await pause(10_000)
    const idle = await first()
    const second = startLoad(here)
    const done = await take(here, turns)
    return { idle, busy: await second(), ...done }
  } finally {
    await here.remove()
  }
}

async function take(here: Ground, turns: number): Promise<Pick<Turns, 'good' | 'bad' | 'failures'>> {
  const good = [`${standing}/1`]
  const failures: string[] = []
  let bad = ''
  for (let turn = 1; turn <= turns; turn++) {
    const isRollback = turn % 2 === 0
    if (!isRollback) await here.project.retouch()
    const { exitCode, events } = await tasks(here, isRollback ? 'rollback' : 'deploy')
    if (exitCode !== 0) failures.push(`turn ${turn} ends with ${exitCode}: ${reason(events)}`)
    good.push(...events.flatMap((event) => (event.type === 'release.switched' ? [`${standing}/${event.release}`] : [])))
    if (turn !== Math.ceil(turns / 2)) continue
    await here.project.retouch({ isBroken: true })
    const broken = await tasks(here, 'deploy')
    if (broken.exitCode !== 1) failures.push(`the bad release ends with ${broken.exitCode}`)
    bad = `${standing}/${textOf(broken.events, 'release')}`
  }
  return { good, bad, failures }
}

async function tasks({ project, machine }: Ground, task: string) {
  const client = startClient(project.folder, [task, '--site', standing, '--host', machine.host.name])
  return { exitCode: await client.ended, events: client.events }
}

function textOf(events: readonly Event[], name: string): string {
  return events.flatMap((event) => (event.type === 'value.set' && event.name === name ? [event.value] : [])).join()
}

/** 20 connections that stay open. What comes back ends them and says what they heard. */
function startLoad({ machine }: Ground): () => Promise<Heard> {
  const words = ['-t1', '-c20', '-d6h', '--timeout=10s', '-s', join(import.meta.dirname, 'load.lua')]
  const child = spawn('wrk', [...words, '-H', `Host: ${standing}`, `http://${machine.host.address}/`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ended = new Promise((resolve) => child.on('close', resolve))
  return async () => {
    child.kill('SIGINT')
    await ended
    return JSON.parse(/^RESULT (.*)$/m.exec(said)?.[1] ?? 'null') as Heard
  }
}
