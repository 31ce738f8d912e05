import { median } from './cost.ts'
import { bareLogin } from './footprint.ts'
import { nodeVersion } from './peers/node.ts'
import type { Results } from './results.ts'

/** What was aimed at, and what came out. */
export interface Goal {
  readonly what: string
  readonly wanted: string
  readonly found: string
  /** The same figure of the script by hand: what no tool is likely to be far beyond. */
  readonly floor?: string
  readonly isMet: boolean
}

type Measure = 'wall' | 'cpu' | 'machine' | 'memory' | 'switched'

/** The goals for which there are figures. */
export function goals(results: Results): readonly Goal[] {
  return [
    ...ofRuns(results),
    ...ofManyHosts(results),
    ...ofCounts(results),
    ...ofThousand(results),
    ...ofStarts(results),
  ].filter(({ found }) => !/NaN|Infinity/.test(found))
}

function ofRuns(results: Results): readonly Goal[] {
  const of = (row: string, tool: string, measure: Measure = 'wall') => medianOf(results, row, tool, measure)
  const noop = 'nothing to do, forty facts'
  const code = 'one line of code, `tasks deploy` until it serves'
  const switched = (row: string) => of(row, 'tasks', 'switched')
  const beside = (row: string, own: number) => ({
    found: best(results, row) / own,
    floor: best(results, row) / of(row, 'floor'),
  })
  return [
    atMost(`${noop}, 0 ms: of the script by hand`, of('no-op-0ms', 'own') / of('no-op-0ms', 'floor'), 1.5),
    atMost(`${noop}, Node 24, 0 ms: of the script by hand`, of('no-op-0ms', 'own-new') / of('no-op-0ms', 'floor'), 1.5),
    atLeast(`${noop}, 0 ms: faster than the best tool`, beside('no-op-0ms', of('no-op-0ms', 'own')), 8),
    atMost(`${noop}, 50 ms: of the script by hand`, of('no-op-50ms', 'own') / of('no-op-50ms', 'floor'), 1.25),
    atLeast(`${noop}, 50 ms: faster than the best tool`, beside('no-op-50ms', of('no-op-50ms', 'own')), 11),
    atMost(`${noop}, 150 ms: of the script by hand`, of('no-op-150ms', 'own') / of('no-op-150ms', 'floor'), 1),
    atLeast(`${noop}, 150 ms: faster than the best tool`, beside('no-op-150ms', of('no-op-150ms', 'own')), 13),
    atMost('dry run: of a run with nothing to do', of('dry-run-0ms', 'own') / of('no-op-0ms', 'own'), 1.1),
    atMost(`${code}, 0 ms: of the script by hand`, switched('code-0ms') / of('code-0ms', 'floor'), 1.3),
    atLeast(`${code}, 0 ms: faster than the best tool`, beside('code-0ms', switched('code-0ms')), 3),
    atMost(`${code}, 50 ms: of the script by hand`, switched('code-50ms') / of('code-50ms', 'floor'), 1.3),
    atLeast(`${code}, 50 ms: faster than the best tool`, beside('code-50ms', switched('code-50ms')), 6),
  ]
}

function ofManyHosts(results: Results): readonly Goal[] {
  const row = 'no-op-0ms-50hosts'
  const of = (tool: string, measure: Measure) => medianOf(results, row, tool, measure)
  const cores = results.measured[row]?.cores ?? Number.NaN
  const least = best(results, row, 'cpu')
  const ofIdeal = (tool: string) => of(tool, 'wall') / (of(tool, 'machine') / cores)
  const memory = (tool: string) => of(tool, 'memory') / 1024
  return [
    atMost("50 hosts: the client's processor, of the best tool", of('own', 'cpu') / least, 1 / 3, {
      floor: of('floor', 'cpu') / least,
    }),
    atMost('50 hosts: memory', memory('own'), 150, { unit: ' MiB', floor: memory('floor') }),
    atMost('50 hosts: time, of what the same work takes when no processor rests', ofIdeal('own'), 1.5, {
      floor: ofIdeal('floor'),
    }),
  ]
}

function ofCounts({ footprints }: Results): readonly Goal[] {
  const footprint = (tool: string) => footprints.find((one) => one.tool === tool)
  // To open a session and to name a command takes everybody two of them.
  const beyondLogin = (tool: string) =>
    (footprint(tool)?.afterLogin ?? Number.NaN) - (footprint(bareLogin)?.afterLogin ?? Number.NaN)
  const whatBeyond = 'round trips beyond those of `ssh host true` after the login'
  const { noop, code } = footprint('tasks')?.pythons ?? {}
  const started = (pythons: readonly string[] | undefined, what: RegExp) =>
    pythons?.filter((python) => what.test(python)).length ?? Number.NaN
  const asFloor = { unit: '', floor: beyondLogin('floor') }
  return [
    atMost(`nothing to do, forty facts: ${whatBeyond}`, beyondLogin('own'), 2, asFloor),
    atMost(`nothing to do, \`tasks deploy\`: ${whatBeyond}`, beyondLogin('tasks'), 2, asFloor),
    atMost('nothing to do, `tasks deploy`: Pythons started', started(noop, /./), 0, { unit: '' }),
    atMost('one line of code, `tasks deploy`: Pythons started for pip', started(code, /pip/), 0, { unit: '' }),
    atMost('one line of code, `tasks deploy`: Pythons started to ask Django', started(code, /facts/), 1, { unit: '' }),
  ]
}

function ofThousand({ thousand }: Results): readonly Goal[] {
  if (thousand === undefined) return []
  const { steps, script, turns } = thousand
  const wall = (costs: readonly { readonly wall: number }[]) => median(costs.map(({ wall }) => wall))
  return [
    atMost('1000 met steps: of the same in one plain script', wall(steps) / wall(script), 2),
    atMost('round trips of 1000 steps, beyond those of 10', turns.thousand - turns.ten, 0, { unit: '' }),
  ]
}

function ofStarts({ starts, startsOnNewNode }: Results): readonly Goal[] {
  return [...ofStart(starts, ''), ...ofStart(startsOnNewNode, `, Node ${nodeVersion}`)]
}

function ofStart(starts: Results['starts'], on: string): readonly Goal[] {
  if (starts === undefined) return []
  const { node, help, listOfThirty, firstByte } = starts
  const toFirstByte = 'config in TypeScript to the first byte sent, beyond `node -e 0`'
  return [
    atMost(`\`tasks --help\`: of \`node -e 0\`${on}`, help / node, 2.5),
    atMost(`\`tasks\` in a project with 30 modules of tasks: of \`node -e 0\`${on}`, listOfThirty / node, 4),
    atMost(`${toFirstByte}${on}`, firstByte - node, 150, { unit: ' ms' }),
  ]
}

/** Undefined of time until new code serves where a tool does not tell: then it is the time of its whole run. */
export function medianOf({ series }: Results, row: string, tool: string, of: Measure): number {
  const runs = series.find((one) => one.row === row && one.tool === tool)?.runs ?? []
  return median(runs.map((run) => run[of] ?? run.wall))
}

/** The lowest figure of the tools that somebody else made. */
function best(results: Results, row: string, of: Measure = 'wall'): number {
  const tools = results.tools.map(({ id }) => id).filter((id) => !['tasks', 'own', 'own-new', 'floor'].includes(id))
  return Math.min(...tools.map((tool) => medianOf(results, row, tool, of)).filter((value) => !Number.isNaN(value)))
}

function atMost(
  what: string,
  found: number,
  limit: number,
  { unit = ' ×', floor }: { readonly unit?: string; readonly floor?: number } = {},
): Goal {
  return {
    ...{ what, wanted: `≤ ${short(limit)}${unit}`, found: `${short(found)}${unit}`, isMet: found <= limit },
    ...(floor === undefined ? {} : { floor: `${short(floor)}${unit}` }),
  }
}

function atLeast(
  what: string,
  { found, floor }: { readonly found: number; readonly floor: number },
  limit: number,
): Goal {
  return {
    ...{ what, wanted: `≥ ${short(limit)} ×`, found: `${short(found)} ×`, isMet: found >= limit },
    floor: `${short(floor)} ×`,
  }
}

function short(value: number): string {
  return Number.isInteger(value) || value >= 100 ? value.toFixed(0) : value.toFixed(2)
}
