import { setTimeout as pause } from 'node:timers/promises'
import { sandboxNetwork } from '../../src/sandbox/index.ts'
import type { Held } from './brake.ts'
import type { Client } from './client.ts'
import type { Machine } from './machine.ts'
import type { Point } from './points.ts'

/** When nobody could reach the host, in milliseconds since the epoch. */
export interface Outage {
  readonly from: number
  readonly to: number
}

export interface Cut {
  readonly point: Point
  readonly machine: Machine
  readonly client: Client
  readonly held: Held
}

/** Cuts a run that is held, and lets go on what is left of it. Returns the time for which the host was out of reach, if any. */
export async function cut({ point, machine, client, held }: Cut): Promise<Outage | undefined> {
  switch (point.way) {
    case 'client':
      client.kill()
      await client.ended
      held.letGo()
      return undefined
    case 'cable':
      return await duringOutage(async () => {
        await sandboxNetwork(machine.host.name, 'down')
        held.letGo()
        await Promise.race([client.heard(({ type }) => type === 'host.lost'), pause(10_000)])
        await sandboxNetwork(machine.host.name, 'up')
      })
    case 'reboot':
      return await duringOutage(async () => {
        if (point.number % 2 === 0) held.letGo()
        await machine.reboot(point.number % 2 === 0 ? 'orderly' : 'reset')
      })
    case 'program':
      await machine.sh(`
        if read -r pid 2>/dev/null </run/tasks/${held.run}/pid; then
          kill -s KILL -- "-$(ps -o pgid= -p "$pid" | tr -d ' ')" || :
        fi`)
      held.letGo()
      return undefined
  }
}

async function duringOutage(work: () => Promise<void>): Promise<Outage> {
  const from = Date.now()
  await work()
  return { from, to: Date.now() }
}
