import type { SandboxHost } from '../src/sandbox/index.ts'
import type { Cost } from './cost.ts'
import { bootHost, down, floorOf, on, say, targetOf } from './hosts.ts'
import { doneBy, type Entrant, rounds, type Series } from './rounds.ts'
import type { Row } from './rows.ts'

/**
 * The rows of many hosts. Every tool's site is on each of the hosts, which are boots of one that has them all; of the six only that one runs
 * which is measured, since fifty times six servers of Python are more than the machine holds.
 */
export async function* fanOut(
  rows: readonly Row[],
  entrants: readonly Entrant[],
  host: SandboxHost,
): AsyncGenerator<{ readonly row: Row; readonly series: readonly Series[] }> {
  await on(host, onlyWhereWanted)
  const floor = await floorOf(host)
  const hosts: SandboxHost[] = []
  for (const row of rows.toSorted((one, other) => one.hosts - other.hosts)) {
    say(`booting ${row.hosts - hosts.length} hosts`)
    await atOnce(Array.from({ length: row.hosts - hosts.length }), async () => {
      hosts.push(await bootHost(floor))
    })
    yield { row, series: await rounds(row, entrants, (entrant) => onMany(entrant, hosts)) }
  }
  await atOnce(hosts, down)
}

async function onMany(entrant: Entrant, hosts: readonly SandboxHost[]): Promise<Cost | undefined> {
  await atOnce(hosts, (host) => on(host, serves(entrant.site)))
  return await doneBy(entrant, 'no-op', hosts.map(targetOf))
}

/** systemd looks for what is said of all units whose names begin with `gunicorn-`. The units stay as they are, and enabled. */
const onlyWhereWanted = `
  folder=/etc/systemd/system/gunicorn-.service.d
  sudo mkdir -p $folder
  printf '[Unit]\\nConditionPathExists=/run/serves/%%N\\n' | sudo tee $folder/wanted.conf >/dev/null`

/** Shell text that lets this site run and no other one, and ends once it answers. */
function serves(site: string): string {
  const unit = `gunicorn-${site}`
  return `
  sudo mkdir -p /run/serves
  for other in /run/serves/*; do
    [ "$other" = /run/serves/${unit} ] || ! [ -e "$other" ] || { sudo systemctl stop "\${other##*/}" && sudo rm "$other"; }
  done
  sudo touch /run/serves/${unit}
  sudo systemctl start ${unit}
  curl -sS --max-time 60 -o /dev/null -H 'Host: ${site}' --unix-socket /run/${unit}/socket http://localhost/`
}

/** A few at a time: more would only wait for a processor. */
async function atOnce<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const left = items.values()
  const worker = async () => {
    for (const item of left) await work(item)
  }
  await Promise.all(Array.from({ length: 4 }, worker))
}
