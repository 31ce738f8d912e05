import { type Cost, median } from './cost.ts'
import { goals, medianOf } from './goals.ts'
import { nodeVersion } from './peers/node.ts'
import type { Machine, Results } from './results.ts'
import { type Row, rows } from './rows.ts'
import type { Starts } from './starts.ts'

type Table = readonly (readonly string[])[]
type Measure = Parameters<typeof medianOf>[3]

/** The tables of a benchmark, in Markdown: each with a line of what it is about. */
export function tables(results: Results): string {
  return [
    '### Goals',
    markdown(goalTable(results)),
    '### Seconds, medians',
    markdown(secondsTable(results)),
    "### Seconds of the client's processors, medians",
    markdown(costTable(results, 'cpu', (seconds) => seconds.toFixed(2))),
    '### MiB of all the client has running, medians of the peaks',
    markdown(costTable(results, 'memory', (kib) => (kib / 1024).toFixed(0))),
    '### What a run with nothing to do sends and starts',
    markdown(footprintTable(results)),
    '### Pythons that a host starts',
    markdown(pythonTable(results)),
    '### Starts, and a thousand facts',
    markdown(startTable(results)),
    '### When, and beside what',
    markdown(occasionTable(results)),
    ...machines(results),
    ...failures(results),
  ].join('\n\n')
}

function goalTable(results: Results): Table {
  const lines = goals(results).map(({ what, wanted, found, floor = '', isMet }) => [
    ...[what, wanted, found, floor],
    isMet ? 'yes' : '**no**',
  ])
  return [['what', 'goal', 'found', 'script by hand', 'met'], ...lines]
}

function secondsTable(results: Results): Table {
  const words = (seconds: number) => seconds.toFixed(2)
  const [head = [], ...lines] = costTable(results, 'wall', words)
  const switched = measured(results)
    .filter(({ scenario }) => scenario === 'code')
    .map((row) => [`${where(row)}: until it serves`, ...values(results, row, 'switched', words)])
  return [head, ...lines, ...switched]
}

function costTable(results: Results, of: Measure, words: (value: number) => string): Table {
  const lines = measured(results).map((row) => [where(row), ...values(results, row, of, words)])
  return [['', ...results.tools.map(({ name }) => name)], ...lines]
}

function measured({ series }: Results): readonly Row[] {
  return rows.filter(({ id }) => series.some(({ row, runs }) => row === id && runs.length > 0))
}

function where({ title, roundTrip, hosts }: Row): string {
  return hosts > 1 ? title : `${title}, ${roundTrip} ms`
}

function values(results: Results, { id }: Row, of: Measure, words: (value: number) => string): readonly string[] {
  const medians = results.tools.map((tool) => medianOf(results, id, tool.id, of))
  return medians.map((value) => (Number.isNaN(value) ? '–' : words(value)))
}

function footprintTable(results: Results): Table {
  const lines = results.footprints.map((print) => [
    nameOf(results, print.tool),
    ...[print.connections, print.sessions, print.turns, print.afterLogin].map(String),
    ...[print.bytesUp, print.bytesDown, print.processes].map(String),
  ])
  const counts = ['connections', 'sessions', 'turns', 'of them after the login']
  return [['', ...counts, 'bytes up', 'bytes down', 'processes on the host'], ...lines]
}

function pythonTable(results: Results): Table {
  const lines = results.footprints.map(({ tool, pythons }) => [
    nameOf(results, tool),
    counted(pythons.noop),
    counted(pythons.code),
  ])
  return [['', 'nothing to do', 'one line of code'], ...lines]
}

/** For instance: 3: facts.py, gunicorn, manage.py collectstatic. */
function counted(pythons: readonly string[]): string {
  const kinds = [...new Set(pythons)].sort().map((kind) => {
    const count = pythons.filter((one) => one === kind).length
    return count === 1 ? kind : `${count} ${kind}`
  })
  return [String(pythons.length), kinds.join(', ')].filter(Boolean).join(': ')
}

function startTable({ starts, startsOnNewNode, thousand, measured }: Results): Table {
  const seconds = (costs: readonly { readonly wall: number }[]) =>
    `${median(costs.map(({ wall }) => wall)).toFixed(2)} s`
  const ms = (time: number | undefined) => (time === undefined ? '–' : `${time.toFixed(0)} ms`)
  const start = (what: string, of: keyof Starts) => [what, ms(starts?.[of]), ms(startsOnNewNode?.[of])]
  return [
    ['median', `Node ${measured.starts?.node ?? ''}`, `Node ${nodeVersion}`],
    start('`node -e 0`', 'node'),
    start('`tasks --help`', 'help'),
    start('`tasks deploy --help`', 'helpOfTask'),
    start('`tasks`, which lists what there is', 'list'),
    start('the same in a project with 30 modules of tasks', 'listOfThirty'),
    start('a deploy with a config in TypeScript, until its first byte is at the host', 'firstByte'),
    ...(thousand === undefined
      ? []
      : [
          ['1000 met steps', seconds(thousand.steps), ''],
          ['the same 1000 facts in one plain script', seconds(thousand.script), ''],
        ]),
  ]
}

/** How often each row was measured, when, and how busy others kept the machine. */
function occasionTable(results: Results): Table {
  const lines = measured(results).map((row) => {
    const all = results.series.filter((one) => one.row === row.id).flatMap(({ runs }) => runs)
    const times = Math.max(...results.series.filter((one) => one.row === row.id).map(({ runs }) => runs.length))
    return [where(row), String(times), dayOf(results.measured[row.id]), busyOf(all)]
  })
  return [['', 'rounds', 'when', 'others took before a run: median, most'], ...lines]
}

function busyOf(runs: readonly Cost[]): string {
  const shares = runs.map(({ busyBefore }) => busyBefore)
  return [median(shares), Math.max(...shares)].map((share) => `${(share * 100).toFixed(0)}%`).join(', ')
}

function dayOf(machine: Machine | undefined): string {
  return machine?.when.slice(0, 16).replace('T', ' ') ?? '–'
}

/** The machines that the parts were measured on, each once: one, as a rule. */
function machines({ measured, tools, absent }: Results): readonly string[] {
  const lines = Object.values(measured).map(
    ({ processor, cores, memory, kernel, node }) =>
      `Measured on ${processor}, ${cores} cores, ${memory}, Linux ${kernel}, Node ${node}.`,
  )
  const versions = tools.map(({ name, version }) => `${name} ${version}`).join('; ')
  return [...new Set(lines), `${versions}.`, ...absent.map(({ name, because }) => `Without ${name}: ${because}`)]
}

/** In one line each; what the tool said is in the results. */
function failures(results: Results): readonly string[] {
  const failed = results.series.filter((one) => one.failed !== undefined)
  return failed.map(({ row, tool, runs }) => {
    const which = rows.find(({ id }) => id === row)
    return `${nameOf(results, tool)} failed at "${which === undefined ? row : where(which)}", after ${runs.length} rounds.`
  })
}

function nameOf({ tools }: Results, tool: string): string {
  return tools.find(({ id }) => id === tool)?.name ?? tool
}

function markdown([head = [], ...lines]: Table): string {
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
