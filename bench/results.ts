import { cpus, release, totalmem } from 'node:os'
import type { Footprint, Series } from './rounds.ts'
import type { Starts } from './starts.ts'
import type { Thousand } from './thousand.ts'

/** All that a benchmark found out: `bench/results.json`. */
export interface Results {
  readonly machine: ReturnType<typeof machine>
  readonly tools: readonly { readonly id: string; readonly name: string; readonly version: string }[]
  /** Tools that could not be had, and why. */
  readonly absent: readonly { readonly name: string; readonly because: string }[]
  readonly footprints: readonly Footprint[]
  readonly starts: Starts
  readonly thousand: Thousand
  readonly series: readonly Series[]
}

export function machine() {
  const model = cpus()[0]?.model ?? 'unknown'
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  return {
    processor: model,
    cores: cpus().length,
    memory,
    kernel: release(),
    node: process.version,
    when: new Date().toISOString(),
  }
}
