import type { SandboxHost } from '../src/sandbox/index.ts'
import { type Cost, costOf } from './cost.ts'
import { bootHost, down, on, overLine, processesOf, say, targetOf } from './hosts.ts'
import type { Peer, Scenario, Target } from './peer.ts'
import { changeCode, changePackage } from './project.ts'
import type { Counts } from './proxy.ts'
import type { Row } from './rows.ts'

/** A tool that is installed, with what it works on. */
export interface Entrant {
  readonly peer: Peer
  readonly version: string
  readonly folder: string
  readonly project: string
  readonly site: string
}

/** What a tool's runs of a row came to. */
export interface Series {
  readonly row: string
  readonly tool: string
  readonly runs: readonly Cost[]
}

/** What one run of nothing to do sends and starts. */
export interface Footprint extends Counts {
  readonly tool: string
  /** Commands that sshd was asked to run. */
  readonly sessions: number
  /** Started on the host, threads with them. */
  readonly processes: number
}

/** Does a row's rounds on hosts that serve every entrant's site: A B C, A B C, … */
export async function rounds(row: Row, entrants: readonly Entrant[], hosts: readonly SandboxHost[]): Promise<Series[]> {
  const runs = new Map(entrants.map(({ peer }) => [peer.id, [] as Cost[]]))
  for (let round = 1; round <= row.rounds; round++) {
    for (const entrant of entrants) {
      const cost = await once(row, entrant, hosts)
      if (cost !== undefined) runs.get(entrant.peer.id)?.push(cost)
      say(
        `${row.id} ${round}/${row.rounds} ${entrant.peer.name}: ${cost === undefined ? 'cannot' : `${cost.wall.toFixed(2)} s`}`,
      )
    }
  }
  return [...runs].map(([tool, runs]) => ({ row: row.id, tool, runs }))
}

async function once(row: Row, entrant: Entrant, hosts: readonly SandboxHost[]): Promise<Cost | undefined> {
  await prepare(row.scenario, entrant)
  return await overLines(row, hosts, (targets) => doneBy(entrant, row.scenario, targets))
}

async function prepare(scenario: Scenario, { project }: Entrant): Promise<void> {
  if (scenario === 'code') await changeCode(project, `of-${Date.now()}`)
  if (scenario === 'package') await changePackage(project)
}

async function overLines<T>(
  { roundTrip, bandwidth }: Pick<Row, 'roundTrip' | 'bandwidth'>,
  hosts: readonly SandboxHost[],
  use: (targets: readonly Target[]) => Promise<T>,
): Promise<T> {
  const [host] = hosts
  if (host === undefined || roundTrip === 0 || hosts.length > 1) return await use(hosts.map(targetOf))
  const { target, proxy } = await overLine(host, { roundTrip, bandwidth })
  try {
    return await use([target])
  } finally {
    await proxy.close()
  }
}

/** Undefined where the tool cannot do it. Rejects where a run fails, or changes something that was not to be changed. */
export async function doneBy(
  entrant: Entrant,
  scenario: Scenario,
  targets: readonly Target[],
): Promise<Cost | undefined> {
  const { peer, folder, project, site } = entrant
  const command = peer.command({ scenario, targets, project, site, folder })
  if (command === undefined) return undefined
  const { output, ...cost } = await costOf(command)
  const isToChange = scenario !== 'no-op' && scenario !== 'dry-run'
  if (peer.isNoop(output) === isToChange) {
    throw new Error(`${peer.name} was to do "${scenario}", and says:\n${output.slice(-3000)}`)
  }
  return cost
}

/** First runs, each on a host of its own that was only provisioned. */
export async function firstRuns(row: Row, entrants: readonly Entrant[], provisioned: string): Promise<Series[]> {
  const runs = new Map(entrants.map(({ peer }) => [peer.id, [] as Cost[]]))
  for (let round = 1; round <= row.rounds; round++) {
    for (const entrant of entrants) {
      const host = await bootHost(provisioned)
      const cost = await doneBy(entrant, 'first', [targetOf(host)])
      if (cost !== undefined) runs.get(entrant.peer.id)?.push(cost)
      say(`${row.id} ${round}/${row.rounds} ${entrant.peer.name}: ${cost?.wall.toFixed(2)} s`)
      await down(host)
    }
  }
  return [...runs].map(([tool, runs]) => ({ row: row.id, tool, runs }))
}

/** Counts what one run of nothing to do costs, over a line that is slow enough for what is sent at once to arrive at once. */
export async function footprint(entrant: Entrant, host: SandboxHost): Promise<Footprint> {
  const idle = -(await processesOf(host)) + (await processesOf(host))
  const sessionsBefore = await sessionsOf(host)
  const before = await processesOf(host)
  const { target, proxy } = await overLine(host, { roundTrip: 50 })
  await doneBy(entrant, 'no-op', [target])
  const processes = (await processesOf(host)) - before - idle
  await proxy.close()
  // Those of the two questions before are none of the tool's
  const sessions = (await sessionsOf(host)) - sessionsBefore - 3
  return { tool: entrant.peer.id, ...proxy.counts(), sessions, processes }
}

async function sessionsOf(host: SandboxHost): Promise<number> {
  return Number(await on(host, "sudo journalctl -t sshd -o cat | grep -c 'Starting session'"))
}
