import type { Scenario } from './peer.ts'

/** One thing that is measured, for each tool. */
export interface Row {
  readonly id: string
  readonly title: string
  readonly scenario: Scenario
  /** Of the line to the host, in milliseconds; 0 is the direct way. */
  readonly roundTrip: number
  /** Of the line, bytes a second each way. */
  readonly bandwidth?: number
  readonly hosts: number
  /** Each tool does it so often, in turn with the others. */
  readonly rounds: number
}

const roundTrips = [0, 20, 50, 150]

export const rows: readonly Row[] = [
  ...roundTrips.map((roundTrip) => row('no-op', 'nothing to do', { roundTrip })),
  row('no-op', 'nothing to do, 1 MB/s', { roundTrip: 20, bandwidth: 1_000_000 }),
  row('dry-run', 'dry run, nothing to do'),
  ...[0, 50].map((roundTrip) => row('code', 'one line of code', { roundTrip })),
  row('package', 'one package'),
  row('first', 'first run on a provisioned host'),
  row('no-op', '10 hosts, nothing to do', { hosts: 10, rounds: 3 }),
  row('no-op', '50 hosts, nothing to do', { hosts: 50, rounds: 1 }),
]

function row(scenario: Scenario, title: string, more: Partial<Row> = {}): Row {
  const { roundTrip = 0, hosts = 1, bandwidth } = more
  const id = [scenario, `${roundTrip}ms`, bandwidth && '1MBs', hosts > 1 && `${hosts}hosts`].filter(Boolean).join('-')
  return { id, title, scenario, roundTrip, hosts, rounds: 5, ...more }
}
