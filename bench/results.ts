import { cpus, release, totalmem } from 'node:os'
import type { Footprint } from './footprint.ts'
import type { Series } from './rounds.ts'
import type { Starts } from './starts.ts'
import type { Thousand } from './thousand.ts'

/** All that benchmarks found out: `bench/results.json`. A part that is measured again replaces what was known of it. */
export interface Results {
  readonly tools: readonly { readonly id: string; readonly name: string; readonly version: string }[]
  /** Tools that could not be had, and why. */
  readonly absent: readonly { readonly name: string; readonly because: string }[]
  /** When and on what each part was measured: the id of a row, `footprints`, `starts`, `thousand`. */
  readonly measured: Readonly<Record<string, Machine>>
  readonly footprints: readonly Footprint[]
  readonly starts?: Starts
  readonly startsOnNewNode?: Starts
  readonly thousand?: Thousand
  readonly series: readonly Series[]
}

export type Machine = ReturnType<typeof machine>

export const nothingYet: Results = { tools: [], absent: [], measured: {}, footprints: [], series: [] }

/** What is known once a part of it is known anew. */
export function withPart(results: Results, part: string, found: Partial<Results>): Results {
  const others = results.series.filter(({ row }) => row !== part)
  return {
    ...results,
    ...found,
    measured: { ...results.measured, [part]: machine() },
    series: [...others, ...(found.series ?? [])],
  }
}

export function machine() {
  return {
    when: new Date().toISOString(),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: release(),
    node: process.version,
  }
}
