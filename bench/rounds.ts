import type { SandboxHost } from '../src/sandbox/index.ts'
import { type Cost, costOf } from './cost.ts'
import { bootHost, down, overLine, say, targetOf } from './hosts.ts'
import type { Peer, Scenario, Target } from './peer.ts'
import { changeCode, changePackage } from './project.ts'
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
  /** Why there are no more of them: what the tool said when it failed, or did what it was not to do. */
  readonly failed?: string
}

/** Does a row's rounds: A B C, A B C, … A tool that fails is left out from then on, and its failure is told. */
export async function rounds(
  row: Row,
  entrants: readonly Entrant[],
  once: (entrant: Entrant) => Promise<Cost | undefined>,
): Promise<readonly Series[]> {
  const runs = new Map(entrants.map(({ peer }) => [peer.id, [] as Cost[]]))
  const failures = new Map<string, string>()
  for (let round = 1; round <= row.rounds; round++) {
    for (const entrant of entrants.filter(({ peer }) => !failures.has(peer.id))) {
      const { id, name } = entrant.peer
      try {
        const cost = await once(entrant)
        if (cost !== undefined) runs.get(id)?.push(cost)
        say(`${row.id} ${round}/${row.rounds} ${name}: ${inWords(cost)}`)
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        say(`${row.id} ${round}/${row.rounds} ${name} failed: ${message}`)
        failures.set(id, message.slice(-1000))
      }
    }
  }
  return [...runs].map(([tool, runs]) => {
    const failed = failures.get(tool)
    return { row: row.id, tool, runs, ...(failed === undefined ? {} : { failed }) }
  })
}

function inWords(cost: Cost | undefined): string {
  if (cost === undefined) return 'cannot'
  const beside = cost.busyBefore < 0.1 ? '' : `, beside others who took ${Math.round(cost.busyBefore * 100)}%`
  return `${cost.wall.toFixed(2)} s${beside}`
}

/** One run on a host that serves every entrant's site. */
export async function onOne(row: Row, entrant: Entrant, host: SandboxHost): Promise<Cost | undefined> {
  await prepare(row.scenario, entrant)
  if (row.roundTrip === 0) return await doneBy(entrant, row.scenario, [targetOf(host)])
  const { target, proxy } = await overLine(host, row)
  try {
    return await doneBy(entrant, row.scenario, [target])
  } finally {
    await proxy.close()
  }
}

/** A first run, on a host of its own that was only provisioned. */
export async function onNew(entrant: Entrant, provisioned: string): Promise<Cost | undefined> {
  const host = await bootHost(provisioned)
  const cost = await doneBy(entrant, 'first', [targetOf(host)])
  await down(host)
  return cost
}

/** What is new to the project before such a run. */
export async function prepare(scenario: Scenario, { project }: Entrant): Promise<void> {
  if (scenario === 'code') await changeCode(project, `of-${Date.now()}`)
  if (scenario === 'package') await changePackage(project)
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
  const { output, ...cost } = await costOf(command, peer.switched)
  const isToChange = scenario !== 'no-op' && scenario !== 'dry-run'
  if (peer.isNoop(output) === isToChange) {
    throw new Error(`${peer.name} was to do "${scenario}", and says:\n${output.slice(-3000)}`)
  }
  return cost
}
