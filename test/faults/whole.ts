import { expect } from 'vitest'
import type { Debian } from '../../src/sandbox/index.ts'
import type { Kind, Point } from './points.ts'
import { line, note, noted } from './results.ts'
import { series } from './series.ts'
import type { Result } from './trial.ts'

/** Tries every point of a kind, and notes each result; those that an earlier run found good only where it is to begin anew. */
export async function whole(kind: Kind, debian: Debian): Promise<void> {
  const isDone = ({ failures, point }: Result) => failures.length === 0 && point.kind === kind
  const done = new Set(
    noted(kind)
      .filter(isDone)
      .map(({ point }) => point.number),
  )
  const choose = (points: readonly Point[]) => points.filter(({ number }) => !done.has(number))
  const tell = (result: Result) => {
    note(result)
    process.stderr.write(`${line(result)}\n`)
  }
  const results = await series(kind, { debian, choose, tell })
  expect(results.filter(({ failures }) => failures.length > 0).map(line)).toEqual([])
}
