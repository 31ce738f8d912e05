import type { SandboxHost } from '../src/sandbox/index.ts'
import { on, overLine, processesOf, say, targetOf } from './hosts.ts'
import type { Counts } from './proxy.ts'
import { forgetPythons, notePythons, pythonsSince } from './pythons.ts'
import { doneBy, type Entrant, prepare } from './rounds.ts'

/** What one run of nothing to do sends and starts. */
export interface Footprint extends Counts {
  readonly tool: string
  /** How often the host answered once it had let the tool in. */
  readonly afterLogin: number
  /** Commands that sshd was asked to run. */
  readonly sessions: number
  /** Started on the host, threads with them. */
  readonly processes: number
  /** What each Python was for that the host started: with nothing to do, and for one new line of code. */
  readonly pythons: { readonly noop: readonly string[]; readonly code: readonly string[] }
}

/** Counts, over a line that is slow enough for what is sent at once to arrive at once. */
export async function footprints(entrants: readonly Entrant[], host: SandboxHost): Promise<readonly Footprint[]> {
  const counted = []
  for (const entrant of entrants) {
    counted.push({ entrant, ...(await sentAndStarted(entrant, host)) })
    say(`what ${entrant.peer.name} sends and starts is counted`)
  }
  await notePythons(host)
  const found: Footprint[] = []
  for (const { entrant, ...counts } of counted) found.push({ ...counts, pythons: await pythons(entrant, host) })
  await forgetPythons(host)
  return found
}

async function sentAndStarted(entrant: Entrant, host: SandboxHost): Promise<Omit<Footprint, 'pythons'>> {
  const idle = -(await processesOf(host)) + (await processesOf(host))
  const sessionsBefore = await sessionsOf(host)
  const before = await processesOf(host)
  const { target, proxy } = await overLine(host, { roundTrip: 50 })
  const start = Date.now()
  await doneBy(entrant, 'no-op', [target])
  const processes = (await processesOf(host)) - before - idle
  await proxy.close()
  const afterLogin = proxy.answeredAfter(await loginAfter(start, host))
  // Those of the three questions before are none of the tool's
  const sessions = (await sessionsOf(host)) - sessionsBefore - 4
  return { tool: entrant.peer.id, ...proxy.counts(), afterLogin, sessions, processes }
}

async function pythons(entrant: Entrant, host: SandboxHost): Promise<Footprint['pythons']> {
  await pythonsSince(host)
  await doneBy(entrant, 'no-op', [targetOf(host)])
  const noop = await pythonsSince(host)
  await prepare('code', entrant)
  await doneBy(entrant, 'code', [targetOf(host)])
  return { noop, code: await pythonsSince(host) }
}

async function sessionsOf(host: SandboxHost): Promise<number> {
  return Number(await on(host, "sudo journalctl -t sshd -o cat | grep -c 'Starting session'"))
}

/** When sshd let somebody in next, in milliseconds since 1970: the host has this machine's clock. */
async function loginAfter(moment: number, host: SandboxHost): Promise<number> {
  const times = await on(host, "sudo journalctl -t sshd -o short-unix | grep 'Accepted publickey' | cut -d ' ' -f 1")
  return (
    times
      .split('\n')
      .map((seconds) => Number(seconds) * 1000)
      .find((time) => time > moment) ?? Number.NaN
  )
}
