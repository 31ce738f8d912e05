import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from './peer.ts'

/** What one run of a command cost here. */
export interface Cost {
  /** Seconds. */
  readonly wall: number
  /** Seconds of the client's processors, those of its children with them. */
  readonly cpu: number
  /** KiB of the largest of its processes. */
  readonly memory: number
}

/** Runs a command and tells what it cost and said. Rejects with what it said where it fails. */
export async function costOf({ file, words, cwd, env }: Command): Promise<Cost & { readonly output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'tasks-bench-'))
  const note = join(folder, 'cost.json')
  const measure = [join(import.meta.dirname, 'measure.py'), note, file, ...words]
  try {
    const { code, output } = await ended(measure, { cwd, env: { ...process.env, ...env, NO_COLOR: '1' } })
    if (code !== 0) throw new Error(`${[file, ...words].join(' ')} ended with ${code}:\n${output.slice(-3000)}`)
    return { ...(JSON.parse(await readFile(note, 'utf8')) as Cost), output }
  } finally {
    await rm(folder, { recursive: true })
  }
}

function ended(words: readonly string[], options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }) {
  return new Promise<{ readonly code: number | null; readonly output: string }>((resolve, reject) => {
    const child = spawn('python3', words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
