// The benchmark: `npm run bench`, or a part of it: `npm run bench -- --only no-op-0ms,code-0ms --rounds 2 --tools own,floor`. `--report` writes the page anew.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { SandboxHost } from '../src/sandbox/index.ts'
import { costOf } from './cost.ts'
import { bootHost, down, floorOf, on, removeFloors, say, targetOf } from './hosts.ts'
import { peers } from './peers/index.ts'
import { own } from './peers/own.ts'
import { tasks } from './peers/tasks.ts'
import { plot } from './plot.ts'
import { projectIn } from './project.ts'
import { machine, type Results } from './results.ts'
import { doneBy, type Entrant, firstRuns, footprint, rounds, type Series } from './rounds.ts'
import { rows as allRows, type Row } from './rows.ts'
import { starts } from './starts.ts'
import { tables } from './tables.ts'
import { thousandSteps } from './thousand.ts'

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
const cache = join(root, 'node_modules/.cache/tasks-bench')
const scratch = mkdtempSync(join(tmpdir(), 'tasks-bench-'))
const count = (usual: number) => (flags.rounds === undefined ? usual : Number(flags.rounds))
const rows = allRows
  .filter(({ id }) => flags.only?.split(',').includes(id) ?? true)
  .map((row) => ({ ...row, rounds: count(row.rounds) }))

try {
  if (flags.report === true) report(JSON.parse(readFileSync(resultsFile, 'utf8')) as Results)
  else await benchmark()
} finally {
  await removeFloors()
  rmSync(scratch, { recursive: true })
}

async function benchmark(): Promise<void> {
  const { entrants, absent } = await installed()
  const provisioned = await provisionedFloor(entrants)
  const host = await bootHost(provisioned)
  for (const entrant of entrants) await doneBy(entrant, 'first', [targetOf(host)])
  for (const entrant of entrants) await doneBy(entrant, 'no-op', [targetOf(host)])
  const footprints = []
  for (const entrant of entrants) footprints.push(await footprint(entrant, host))
  const first = entrants[0]?.project ?? ''
  const results: Results = {
    machine: machine(),
    tools: entrants.map(({ peer, version }) => ({ id: peer.id, name: peer.name, version })),
    absent,
    footprints,
    starts: await starts(first, count(20)),
    thousand: await thousandSteps(host, targetOf(host), count(5)),
    series: await allSeries(entrants, { host, provisioned }),
  }
  writeFileSync(resultsFile, `${JSON.stringify(results, undefined, 1)}\n`)
  report(results)
}

function report(results: Results): void {
  writeFileSync(join(root, 'docs/performance.svg'), plot(results))
  intoPage(tables(results))
  process.stdout.write(`${tables(results)}\n`)
}

async function installed() {
  const entrants: Entrant[] = []
  const absent: { readonly name: string; readonly because: string }[] = []
  const wanted = [tasks, own, ...peers].filter(({ id }) => flags.tools?.split(',').includes(id) ?? true)
  for (const peer of wanted) {
    const folder = join(cache, peer.id)
    await mkdir(folder, { recursive: true })
    try {
      const version = await peer.install(folder)
      say(`${peer.name} ${version}`)
      const project = join(scratch, peer.id)
      await projectIn(project)
      entrants.push({ peer, version, folder, project, site: `${peer.id}.example.com` })
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error)
      say(`${peer.name} cannot be had: ${because}`)
      absent.push({ name: peer.name, because })
    }
  }
  return { entrants, absent }
}

/** A host as `tasks provision` leaves it: with the packages that every tool asks for. sshd tells how many sessions there are. */
async function provisionedFloor(entrants: readonly Entrant[]): Promise<string> {
  const host = await bootHost()
  await on(
    host,
    "echo 'LogLevel VERBOSE' | sudo tee /etc/ssh/sshd_config.d/verbose.conf >/dev/null; sudo systemctl restart ssh",
  )
  const { project = '', site = '', folder = '' } = entrants[0] ?? {}
  const command = tasks.command({ scenario: 'first', targets: [targetOf(host)], project, site, folder })
  if (command !== undefined) await costOf({ ...command, words: [...command.words, '--only', 'provision'] })
  return await floorOf(host)
}

async function allSeries(
  entrants: readonly Entrant[],
  { host, provisioned }: { readonly host: SandboxHost; readonly provisioned: string },
): Promise<readonly Series[]> {
  const series: Series[] = []
  for (const row of rows.filter(({ hosts, scenario }) => hosts === 1 && scenario !== 'first')) {
    series.push(...(await rounds(row, entrants, [host])))
  }
  for (const row of rows.filter(({ scenario }) => scenario === 'first')) {
    series.push(...(await firstRuns(row, entrants, provisioned)))
  }
  await down(host)
  for (const row of rows.filter(({ hosts }) => hosts > 1)) {
    // A site of `tasks deploy` is on one host
    for (const entrant of entrants.filter(({ peer }) => peer !== tasks)) {
      series.push(...(await onMany(row, entrant, provisioned)))
    }
  }
  return series
}

/** Each tool has hosts that serve its site alone: with all six, they would not fit into the machine. */
async function onMany(row: Row, entrant: Entrant, provisioned: string): Promise<readonly Series[]> {
  const first = await bootHost(provisioned)
  await doneBy(entrant, 'first', [targetOf(first)])
  const floor = await floorOf(first)
  const hosts: SandboxHost[] = []
  try {
    while (hosts.length < row.hosts) hosts.push(await bootHost(floor))
    return await rounds(row, [entrant], hosts)
  } finally {
    for (const host of hosts) await down(host)
  }
}

/** Puts the tables between the marks of the page. */
function intoPage(text: string): void {
  const page = join(root, 'docs/performance.md')
  const marks = ['<!-- tables -->', '<!-- end of tables -->'] as const
  const [before = '', rest = ''] = readFileSync(page, 'utf8').split(marks[0])
  const after = rest.split(marks[1])[1] ?? ''
  writeFileSync(page, `${before}${marks[0]}\n\n${text}\n\n${marks[1]}${after}`)
}
