// The benchmark: `npm run bench`. `-- --only no-op-0ms,starts` measures parts of it anew and keeps the others, `--rounds 2` each so often.
// With `--tools own,floor` it shows what these come to, and keeps nothing. `--report` writes the page anew.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { endRuns } from './cost.ts'
import { allDown } from './hosts.ts'
import { installed } from './installed.ts'
import { type Part, parts } from './parts.ts'
import { plot } from './plot.ts'
import { nothingYet, type Results, withPart } from './results.ts'
import { rows } from './rows.ts'
import { tables } from './tables.ts'

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    tools: { type: 'string' },
    report: { type: 'boolean' },
  },
})
const root = join(import.meta.dirname, '..')
const resultsFile = join(import.meta.dirname, 'results.json')
const scratch = mkdtempSync(join(tmpdir(), 'tasks-bench-'))
let clearing: Promise<void> | undefined
const names = ['footprints', 'starts', 'thousand', ...rows.map(({ id }) => id)]

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void cleared().then(() => process.exit(130)))
try {
  if (flags.report === true) report(known())
  else await benchmark()
} finally {
  await cleared()
}

async function benchmark(): Promise<void> {
  const only = wanted()
  const { entrants, absent } = await installed(flags.tools?.split(','), scratch)
  const tools = entrants.map(({ peer, version }) => ({ id: peer.id, name: peer.name, version }))
  let results: Results = { ...(flags.tools === undefined ? known() : nothingYet), tools, absent }
  const rounds = flags.rounds === undefined ? undefined : Number(flags.rounds)
  for await (const { part, found } of parts(only, entrants, rounds)) {
    results = withPart(results, part, found)
    if (flags.tools === undefined) writeFileSync(resultsFile, `${JSON.stringify(results, undefined, 1)}\n`)
  }
  if (flags.tools === undefined) report(results)
  else process.stdout.write(`${tables(results)}\n`)
}

function wanted(): readonly Part[] {
  const only = flags.only?.split(',') ?? names
  const unknown = only.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Error(`There is no part "${unknown}". There are: ${names.join(', ')}.`)
  return only
}

function known(): Results {
  return { ...nothingYet, ...(JSON.parse(readFileSync(resultsFile, 'utf8')) as Results) }
}

function report(results: Results): void {
  writeFileSync(join(root, 'docs/performance.svg'), plot(results))
  intoPage(tables(results))
  process.stdout.write(`${tables(results)}\n`)
}

/** Puts the tables between the marks of the page. */
function intoPage(text: string): void {
  const page = join(root, 'docs/performance.md')
  const marks = ['<!-- tables -->', '<!-- end of tables -->'] as const
  const [before = '', rest = ''] = readFileSync(page, 'utf8').split(marks[0])
  const after = rest.split(marks[1])[1] ?? ''
  writeFileSync(page, `${before}${marks[0]}\n\n${text}\n\n${marks[1]}${after}`)
}

/** Leaves the machine as it was: also after a failure, or Ctrl-C. */
function cleared(): Promise<void> {
  endRuns()
  clearing ??= allDown().finally(() => rmSync(scratch, { recursive: true, force: true }))
  return clearing
}
