import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { busyShare } from './busy.ts'
import type { Command } from './peer.ts'

/** What one run of a command cost here. */
export interface Cost {
  /** Seconds. */
  readonly wall: number
  /** Seconds of the client's processors, those of its children with them. */
  readonly cpu: number
  /** Seconds for which the processors of the whole machine were busy, the hosts' programs with them. */
  readonly machine: number
  /** KiB of all its processes at their peak, what they share counted once. */
  readonly memory: number
  /** Seconds until the new code served, from tools that tell. */
  readonly switched?: number
  /** The share of the machine's processors that others took just before: a figure taken beside much is worth little. */
  readonly busyBefore: number
}

interface Measured extends Omit<Cost, 'switched' | 'busyBefore'> {
  /** When it began, in seconds of the monotonic clock. */
  readonly start: number
}

/** Runs a command and tells what it cost and said. Rejects with what it said where it fails. */
export async function costOf(
  { file, words, cwd, env }: Command,
  switched?: RegExp,
): Promise<Cost & { readonly output: string }> {
  const busyBefore = await busyShare()
  const measure = [join(import.meta.dirname, 'measure.py'), file, ...words]
  const options = { cwd, env: { ...process.env, ...env, NO_COLOR: '1' } }
  const { code, output, note, seen } = await ended(measure, options, switched)
  if (code !== 0) throw new Error(`${[file, ...words].join(' ')} ended with ${code}:\n${output.slice(-3000)}`)
  const { start, ...cost } = JSON.parse(note) as Measured
  return { ...cost, ...(seen === undefined ? {} : { switched: seen - start }), busyBefore, output }
}

/** Ends what is running: a tool whose hosts are gone may wait for ever. */
export function endRuns(): void {
  for (const { pid } of running) if (pid !== undefined) process.kill(-pid)
}

const running = new Set<ChildProcess>()

interface Ended {
  readonly code: number | null
  readonly output: string
  /** What the measure wrote. */
  readonly note: string
  /** When the pattern was first in the output, in seconds of the monotonic clock. */
  readonly seen: number | undefined
}

function ended(
  words: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  pattern?: RegExp,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that all of it can be ended
    const child = spawn('python3', words, { ...options, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], detached: true })
    running.add(child)
    let output = ''
    let note = ''
    let seen: number | undefined
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output += chunk
        if (seen === undefined && pattern?.test(output)) seen = Number(process.hrtime.bigint()) / 1e9
      })
    }
    child.stdio[3]?.on('data', (chunk: Buffer) => (note += chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      running.delete(child)
      resolve({ code, output, note, seen })
    })
  })
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
