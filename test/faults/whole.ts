import { expect } from 'vitest'
import type { Debian } from '../../src/sandbox/index.ts'
import { type Kind, nameOf, type Point, shuffled } from './points.ts'
import { line, note, noted } from './results.ts'
import { series } from './series.ts'
import type { Result } from './trial.ts'

/** Tries every point of a kind that no earlier run has noted as good, and notes each result. Their order is no order, so that a part of them tells of all. */
export async function whole(kind: Kind, debian: Debian): Promise<void> {
  const isDone = ({ failures, point }: Result) => failures.length === 0 && point.kind === kind
  const done = new Set(
    noted(kind)
      .filter(isDone)
      .map(({ point }) => point.number),
  )
  const wanted = new RegExp(process.env.ONLY ?? '')
  const choose = (points: readonly Point[]) =>
    shuffled(points, 1).filter((point) => !done.has(point.number) && wanted.test(nameOf(point)))
  const tell = (result: Result) => {
    note(result)
    process.stderr.write(`${line(result)}\n`)
  }
  const results = await series({ debian, kinds: [kind], choose, tell })
  expect(results.filter(({ failures }) => failures.length > 0).map(line)).toEqual([])
}
