import type { SandboxHost } from '../src/sandbox/index.ts'
import { costOf } from './cost.ts'
import { on, overLine, plainSsh, processesOf, say, targetOf } from './hosts.ts'
import type { Target } from './peer.ts'
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

/** The tool's name of a login and nothing else. */
export const bareLogin = '`ssh host true`'

/** Counts, over a line that is slow enough for what is sent at once to arrive at once. */
export async function footprints(entrants: readonly Entrant[], host: SandboxHost): Promise<readonly Footprint[]> {
  const bare = await sentAndStarted(host, (target) => costOf(plainSsh(target, 'true')))
  const found: Footprint[] = [{ tool: bareLogin, ...bare, pythons: { noop: [], code: [] } }]
  for (const entrant of entrants) {
    const counts = await sentAndStarted(host, (target) => doneBy(entrant, 'no-op', [target]))
    await notePythons(host)
    found.push({ tool: entrant.peer.id, ...counts, pythons: await pythons(entrant, host) })
    await forgetPythons(host)
    say(`what ${entrant.peer.name} sends and starts is counted`)
  }
  return found
}

async function sentAndStarted(
  host: SandboxHost,
  use: (target: Target) => Promise<unknown>,
): Promise<Omit<Footprint, 'tool' | 'pythons'>> {
  const idle = -(await processesOf(host)) + (await processesOf(host))
  const sessionsBefore = await sessionsOf(host)
  const before = await processesOf(host)
  const { target, proxy } = await overLine(host, { roundTrip: 50 })
  const start = Date.now()
  await use(target)
  const processes = (await processesOf(host)) - before - idle
  await proxy.close()
  const afterLogin = proxy.answeredAfter(await loginAfter(start, host))
  // Those of the three questions before are none of the tool's
  const sessions = (await sessionsOf(host)) - sessionsBefore - 4
  return { ...proxy.counts(), afterLogin, sessions, processes }
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
