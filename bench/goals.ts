import { median } from './cost.ts'
import type { Results } from './results.ts'

/** What was aimed at, and what came out. */
export interface Goal {
  readonly what: string
  readonly wanted: string
  readonly found: string
  readonly isMet: boolean
}

/** The goals for which there are figures. */
export function goals(results: Results): readonly Goal[] {
  const wall = (row: string, tool: string) => medianOf(results, row, tool, 'wall')
  const best = (row: string) =>
    Math.min(
      ...peersOf(results)
        .map((tool) => wall(row, tool))
        .filter((time) => !Number.isNaN(time)),
    )
  const { node, help, firstByte } = results.starts
  const { steps, script, turns } = results.thousand
  const own = results.footprints.find(({ tool }) => tool === 'own')
  return [
    atMost('nothing to do, 0 ms: of the script by hand', wall('no-op-0ms', 'own') / wall('no-op-0ms', 'floor'), 1.5),
    atLeast('nothing to do, 0 ms: faster than the best tool', best('no-op-0ms') / wall('no-op-0ms', 'own'), 8),
    atMost(
      'nothing to do, 50 ms: of the script by hand',
      wall('no-op-50ms', 'own') / wall('no-op-50ms', 'floor'),
      1.25,
    ),
    atLeast('nothing to do, 50 ms: faster than the best tool', best('no-op-50ms') / wall('no-op-50ms', 'own'), 11),
    atMost(
      'nothing to do, 150 ms: of the script by hand',
      wall('no-op-150ms', 'own') / wall('no-op-150ms', 'floor'),
      1,
    ),
    atLeast('nothing to do, 150 ms: faster than the best tool', best('no-op-150ms') / wall('no-op-150ms', 'own'), 13),
    atMost('dry run: of a run with nothing to do', wall('dry-run-0ms', 'own') / wall('no-op-0ms', 'own'), 1.1),
    atMost('one line of code, 0 ms: of the script by hand', wall('code-0ms', 'tasks') / wall('code-0ms', 'floor'), 1.3),
    atLeast('one line of code, 0 ms: faster than the best tool', best('code-0ms') / wall('code-0ms', 'tasks'), 3),
    atLeast('one line of code, 50 ms: faster than the best tool', best('code-50ms') / wall('code-50ms', 'tasks'), 6),
    atMost(
      '1000 met steps: of a plain script',
      median(steps.map(({ wall }) => wall)) / median(script.map(({ wall }) => wall)),
      2,
    ),
    atMost('turns of 1000 steps, beside those of 10', turns.thousand - turns.ten, 0, ''),
    atMost('turns of a run with nothing to do, connecting and closing included', own?.turns ?? Number.NaN, 7, ''),
    atMost('`tasks --help`: of `node -e 0`', help / node, 2.5),
    atMost('config in TypeScript to the first byte sent, beyond `node -e 0`', firstByte - node, 150, ' ms'),
    atMost(
      '50 hosts: client processor per host, of the best tool',
      perHost(results, 'own') / Math.min(...peersOf(results).map((tool) => perHost(results, tool))),
      1 / 3,
    ),
    atMost('50 hosts: memory', medianOf(results, 'no-op-0ms-50hosts', 'own', 'memory') / 1024, 150, ' MiB'),
  ].filter(({ found }) => !found.includes('NaN') && !found.includes('Infinity'))
}

function perHost(results: Results, tool: string): number {
  return medianOf(results, 'no-op-0ms-50hosts', tool, 'cpu') / 50
}

export function medianOf({ series }: Results, row: string, tool: string, of: 'wall' | 'cpu' | 'memory'): number {
  return median(series.find((one) => one.row === row && one.tool === tool)?.runs.map((run) => run[of]) ?? [])
}

function peersOf({ tools }: Results): readonly string[] {
  return tools.map(({ id }) => id).filter((id) => !['tasks', 'own', 'floor'].includes(id))
}

function atMost(what: string, found: number, limit: number, unit = ' ×'): Goal {
  return { what, wanted: `≤ ${short(limit)}${unit}`, found: `${short(found)}${unit}`, isMet: found <= limit }
}

function atLeast(what: string, found: number, limit: number): Goal {
  return { what, wanted: `≥ ${short(limit)} ×`, found: `${short(found)} ×`, isMet: found >= limit }
}

function short(value: number): string {
  return Number.isInteger(value) || value >= 100 ? value.toFixed(0) : value.toFixed(2)
}
