import type { SandboxHost } from '../src/sandbox/index.ts'
import { costOf } from './cost.ts'
import { fanOut } from './fan-out.ts'
import { footprints } from './footprint.ts'
import { bootHost, down, floorOf, on, targetOf } from './hosts.ts'
import { nodeIn } from './peers/node.ts'
import { ownOnNewNode } from './peers/own.ts'
import { tasks } from './peers/tasks.ts'
import type { Results } from './results.ts'
import { doneBy, type Entrant, onNew, onOne, rounds } from './rounds.ts'
import { rows as allRows } from './rows.ts'
import { starts } from './starts.ts'
import { thousandSteps } from './thousand.ts'

/** What can be measured by itself: a row's id, `footprints`, `starts`, `thousand`. */
export type Part = string

interface Found {
  readonly part: Part
  readonly found: Partial<Results>
}

/** Measures what is wanted, in an order that boots as few hosts as can be, and tells each part once it is known. */
export async function* parts(
  wanted: readonly Part[],
  entrants: readonly Entrant[],
  count: number | undefined,
): AsyncGenerator<Found> {
  const rows = allRows.filter(({ id }) => wanted.includes(id)).map((row) => ({ ...row, rounds: count ?? row.rounds }))
  const first = rows.filter(({ scenario }) => scenario === 'first')
  const many = rows.filter(({ hosts }) => hosts > 1)
  const one = rows.filter((row) => !first.includes(row) && !many.includes(row))
  if (wanted.includes('starts')) {
    yield { part: 'starts', found: await startsOnEach(entrants, count ?? 20) }
  }
  if (wanted.every((part) => part === 'starts')) return
  const provisioned = await provisionedFloor(entrants)
  for (const row of first) {
    yield { part: row.id, found: { series: await rounds(row, entrants, (entrant) => onNew(entrant, provisioned)) } }
  }
  if (wanted.every((part) => part === 'starts' || first.some(({ id }) => id === part))) return
  const host = await hostOfAll(entrants, provisioned)
  if (wanted.includes('footprints')) {
    yield { part: 'footprints', found: { footprints: await footprints(entrants, host) } }
  }
  if (wanted.includes('thousand')) {
    yield { part: 'thousand', found: { thousand: await thousandSteps(host, targetOf(host), count ?? 5) } }
  }
  for (const row of one) {
    yield { part: row.id, found: { series: await rounds(row, entrants, (entrant) => onOne(row, entrant, host)) } }
  }
  if (many.length === 0) return await down(host)
  // A site of `tasks deploy` is on one host
  const several = entrants.filter(({ peer }) => peer !== tasks)
  for await (const { row, series } of fanOut(many, several, host)) yield { part: row.id, found: { series } }
}

/** On the Node that runs the benchmark, and on the newer one where it is there. */
async function startsOnEach(entrants: readonly Entrant[], rounds: number): Promise<Partial<Results>> {
  const project = entrants[0]?.project ?? ''
  const found = await starts({ project, rounds, node: process.execPath })
  const newer = entrants.find(({ peer }) => peer === ownOnNewNode)
  if (newer === undefined) return { starts: found }
  return { starts: found, startsOnNewNode: await starts({ project, rounds, node: nodeIn(newer.folder) }) }
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

/** A host with the site of every tool. */
async function hostOfAll(entrants: readonly Entrant[], provisioned: string): Promise<SandboxHost> {
  const host = await bootHost(provisioned)
  for (const entrant of entrants) await doneBy(entrant, 'first', [targetOf(host)])
  for (const entrant of entrants) await doneBy(entrant, 'no-op', [targetOf(host)])
  return host
}
