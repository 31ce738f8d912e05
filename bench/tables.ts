import { median } from './cost.ts'
import { goals, medianOf } from './goals.ts'
import type { Results } from './results.ts'
import { rows } from './rows.ts'

type Table = readonly (readonly string[])[]

/** The tables of a benchmark, in Markdown: each with a line of what it is about. */
export function tables(results: Results): string {
  return [
    '### Goals',
    markdown(goalTable(results)),
    '### Seconds, medians',
    markdown(costTable(results, 'wall', (seconds) => seconds.toFixed(2))),
    "### Seconds of the client's processor, medians",
    markdown(costTable(results, 'cpu', (seconds) => seconds.toFixed(2))),
    "### MiB of the client's largest process, medians",
    markdown(costTable(results, 'memory', (kib) => (kib / 1024).toFixed(0))),
    '### What a run with nothing to do sends and starts',
    markdown(footprintTable(results)),
    '### Starts, and a thousand facts',
    markdown(startTable(results)),
  ].join('\n\n')
}

function goalTable(results: Results): Table {
  const lines = goals(results).map(({ what, wanted, found, isMet }) => [what, wanted, found, isMet ? 'yes' : '**no**'])
  return [['what', 'goal', 'found', 'met'], ...lines]
}

function costTable(results: Results, of: 'wall' | 'cpu' | 'memory', words: (value: number) => string): Table {
  const measured = rows.filter(({ id }) => results.series.some(({ row, runs }) => row === id && runs.length > 0))
  const lines = measured.map(({ id, title, roundTrip, hosts }) => {
    const values = results.tools.map((tool) => medianOf(results, id, tool.id, of))
    const where = hosts > 1 ? title : `${title}, ${roundTrip} ms`
    return [where, ...values.map((value) => (Number.isNaN(value) ? '–' : words(value)))]
  })
  return [['', ...results.tools.map(({ name }) => name)], ...lines]
}

function footprintTable({ footprints, tools }: Results): Table {
  const lines = footprints.map((print) => [
    tools.find(({ id }) => id === print.tool)?.name ?? print.tool,
    ...[print.connections, print.sessions, print.turns, print.bytesUp, print.bytesDown, print.processes].map(String),
  ])
  return [['', 'connections', 'sessions', 'turns', 'bytes up', 'bytes down', 'processes on the host'], ...lines]
}

function startTable({ starts, thousand }: Results): Table {
  const seconds = (costs: readonly { readonly wall: number }[]) =>
    `${median(costs.map(({ wall }) => wall)).toFixed(2)} s`
  return [
    ['what', 'median'],
    ['`node -e 0`', `${starts.node.toFixed(0)} ms`],
    ['`tasks --help`', `${starts.help.toFixed(0)} ms`],
    ['`tasks deploy --help`', `${starts.helpOfTask.toFixed(0)} ms`],
    ['a deploy with a config in TypeScript, until its first byte is at the host', `${starts.firstByte.toFixed(0)} ms`],
    ['1000 met steps', seconds(thousand.steps)],
    ['the same 1000 facts in one plain script', seconds(thousand.script)],
  ]
}

function markdown([head = [], ...lines]: Table): string {
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
