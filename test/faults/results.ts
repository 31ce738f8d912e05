import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Kind, nameOf } from './points.ts'
import type { Result } from './trial.ts'

/** One result, for people. */
export function line({ point, stood, client, requests, failures, seconds }: Result): string {
  const where = stood === undefined ? 'nowhere' : `${stood.doing} ${stood.step || ''}`.trim()
  const ending = failures.length === 0 ? 'good' : `BAD\n    ${failures.join('\n    ')}`
  return `${nameOf(point)} (stood at ${where}; client ${client}; ${requests} requests; ${seconds.toFixed(1)} s): ${ending}`
}

/** Where a whole run notes each result as it comes. */
export function fileOf(kind: Kind): string {
  return join(import.meta.dirname, `../../node_modules/.cache/tasks-faults/${kind}.jsonl`)
}

export function note(result: Result): void {
  const file = fileOf(result.point.kind)
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, `${JSON.stringify(result)}\n`)
}

/** What an earlier run has noted. */
export function noted(kind: Kind): readonly Result[] {
  try {
    const lines = readFileSync(fileOf(kind), 'utf8').split('\n').filter(Boolean)
    return lines.map((text): Result => JSON.parse(text))
  } catch {
    return []
  }
}
