import { homedir } from 'node:os'
import type { App, Host, Site } from '../core/app.ts'
import { TasksError } from '../core/errors.ts'
import type { Finding, Found } from '../core/finding.ts'
import { type HostHealth, hostHealth } from '../doctor/host-health.ts'
import { lookup } from '../doctor/lookup.ts'
import { machineFindings, runHere } from '../doctor/machine.ts'
import { nameFindings, servedFinding } from '../doctor/site-findings.ts'
import { connectTo } from '../project/connect-to.ts'
import { findingLines } from '../render/findings.ts'
import { harmlessJson } from '../render/json.ts'
import { paintWith } from '../render/style.ts'
import type { DoctorFlags } from './doctor-flags.ts'
import { placesOf } from './doctor-places.ts'
import { projectHealth } from './doctor-project.ts'
import { type Ending, endingOf } from './ending.ts'
import { manifest } from './manifest.ts'

/** From what was typed to a line for each thing that was looked at. */
export async function doctor(flags: DoctorFlags): Promise<Ending> {
  const leave = new AbortController()
  const stop = () => leave.abort()
  process.on('SIGINT', stop)
  try {
    refuseTimeout(flags.timeout)
    const findings = await allFindings(flags, leave.signal)
    if (leave.signal.aborted) throw new TasksError({ code: 'interrupted', message: 'Stopped; nothing was changed.' })
    return { exitCode: findings.some(({ status }) => status === 'bad') ? 1 : 0, out: textOf(findings, flags) }
  } catch (error) {
    return endingOf(error)
  } finally {
    process.off('SIGINT', stop)
  }
}

async function allFindings(flags: DoctorFlags, signal: AbortSignal): Promise<readonly Finding[]> {
  const { version, engines } = manifest()
  const machine = { tasks: { version, node: engines.node }, home: homedir(), node: process.versions.node, run: runHere }
  const { app, findings } = await projectHealth({ cwd: process.cwd(), config: flags.config })
  const { hosts, sites } = await placesOf(app, flags)
  sayWhatTakesTime(hosts)
  const [here, health] = await Promise.all([machineFindings(machine), healthOf(app, { hosts, sites, flags, signal })])
  const ofSites = await Promise.all(sites.map((site) => siteHealth(site, health)))
  return [
    ...about('this machine', here),
    ...about('project', findings),
    ...hosts.flatMap(({ name }) => about(name, health.get(name)?.findings ?? [])),
    ...ofSites.flat(),
  ]
}

interface Looked {
  readonly hosts: readonly Host[]
  readonly sites: readonly Site[]
  readonly flags: DoctorFlags
  readonly signal: AbortSignal
}

/** Hosts that are asked at once. */
const jobs = 20

async function healthOf(app: App, { hosts, sites, flags, signal }: Looked): Promise<ReadonlyMap<string, HostHealth>> {
  const ask = await questions(signal)
  const health = new Map<string, HostHealth>()
  const waiting = [...hosts]
  const connect = (host: Host) => connectTo(host, { ask, signal, connectTimeoutSeconds: flags.timeout })
  const worker = async () => {
    for (let host = waiting.shift(); host; host = waiting.shift()) {
      const { name } = host
      const names = sites.filter((site) => site.host === name).map((site) => site.name)
      const asked = { sites: names, path: app.project.healthPath }
      health.set(name, await hostHealth(host, { ask, connect, questions: asked, seconds: 2 * (flags.timeout ?? 15) }))
    }
  }
  await Promise.all(Array.from({ length: Math.min(jobs, waiting.length) }, worker))
  return health
}

/** One question stands on the terminal at a time. */
async function questions(signal: AbortSignal) {
  if (!process.stdin.isTTY) return {}
  const { promptsOnTerminal } = await import('./prompts.ts')
  let last: Promise<unknown> = Promise.resolve()
  const whileAsking = <T>(question: () => Promise<T>): Promise<T> => {
    const next = last.then(question, question)
    last = next
    return next
  }
  return promptsOnTerminal({ whileAsking, kill: signal, interrupt: () => process.emit('SIGINT') })
}

async function siteHealth(site: Site, health: ReadonlyMap<string, HostHealth>): Promise<readonly Finding[]> {
  const host = health.get(site.host)
  const names = await nameFindings(site, { host: site.host, addresses: host?.addresses ?? [], lookup })
  return about(site.name, [...names, servedFinding(site, host?.facts)])
}

function about(what: string, found: readonly Found[]): readonly Finding[] {
  return found.map((one) => ({ about: what, ...one }))
}

function sayWhatTakesTime(hosts: readonly Host[]): void {
  if (hosts.length > 0 && process.stderr.isTTY)
    process.stderr.write(`Asking ${hosts.map(({ name }) => name).join(', ')} …\n`)
}

function textOf(findings: readonly Finding[], { json }: DoctorFlags): string {
  if (json === true) return findings.map((finding) => `${harmlessJson(finding)}\n`).join('')
  const { stdout, env } = process
  const isLive = stdout.isTTY === true && env.TERM !== 'dumb'
  const width = (stdout.isTTY === true && stdout.columns) || Number.POSITIVE_INFINITY
  return `${findingLines(findings, paintWith(isLive && !env.NO_COLOR), width).join('\n')}\n`
}

function refuseTimeout(seconds: number | undefined): void {
  if (seconds === undefined) return
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 3600) return
  throw new TasksError({
    code: 'usage',
    message: 'Cannot use --timeout, because it must be a whole number from 1 to 3600.',
  })
}
