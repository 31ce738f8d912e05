import type { Event } from '../../src/core/event.ts'
import { heldLocks, leftBehind } from './aftermath.ts'
import { statuses, wrongAnswers } from './answers.ts'
import { type Held, holdAt, runsOf } from './brake.ts'
import { type Client, startClient } from './client.ts'
import { type Cut, cut, type Outage } from './cut.ts'
import type { Machine } from './machine.ts'
import { patiently } from './patience.ts'
import type { Point } from './points.ts'
import type { Project } from './project.ts'
import { ask, type Page, pageOf, visit } from './visitor.ts'

/** A deploy that is to be cut at a point. */
export interface Trial {
  readonly point: Point
  readonly machine: Machine
  readonly project: Project
  readonly site: string
  /** The rows that its database has, if any, before and after. */
  readonly rows: readonly number[]
}

/** What came of it; good where `failures` is empty. */
export interface Result {
  readonly point: Point
  /** Where the run really stood when it was cut; undefined where it never came there. */
  readonly stood: { readonly doing: string; readonly step: number } | undefined
  readonly client: number | 'killed' | undefined
  readonly requests: number
  readonly statuses: Readonly<Record<string, number>>
  readonly failures: readonly string[]
  readonly seconds: number
}

/** Cuts a deploy while a visitor asks, looks at what there is, deploys again, and once more. */
export async function attempt(trial: Trial): Promise<Result> {
  const { point, machine, project, site } = trial
  const began = Date.now()
  const visitor = visit(machine.host.address, site)
  const failures: string[] = []
  const broken = await broke(trial)
  failures.push(...broken.failures)
  const [second, third] = [await deployed(trial), await deployed(trial)]
  if (second.exitCode !== 0) failures.push(`the second run ends with ${second.exitCode}: ${reason(second.events)}`)
  if (third.exitCode !== 0 || changed(third.events) !== 0)
    failures.push(
      `the third run changes ${changed(third.events)} and ends with ${third.exitCode}: ${reason(third.events)}`,
    )
  failures.push(...(await leftBehind(machine, site)))
  const answers = await visitor.leave()
  const versions = versionsOf(machine, site, project.version)
  failures.push(...wrongAnswers(answers, { ...trial, kind: point.kind, versions, outage: broken.outage }))
  failures.push(...(await unfinished(trial)))
  return {
    point,
    stood: broken.stood,
    client: broken.client,
    requests: answers.length,
    statuses: statuses(answers),
    failures: [...new Set(failures)].slice(0, 20),
    seconds: (Date.now() - began) / 1000,
  }
}

interface Broken {
  readonly stood: Result['stood']
  readonly client: Result['client']
  readonly outage: Outage | undefined
  readonly failures: readonly string[]
}

async function broke({ point, machine, project, site }: Trial): Promise<Broken> {
  const over = new AbortController()
  const known = runsOf(machine)
  const client = deployBy(project, machine, site)
  void client.ended.then(() => over.abort())
  const held = await holdAt(machine, { place: point.place, known, signal: over.signal })
  if (held === undefined) {
    const exitCode = await client.ended
    return {
      stood: undefined,
      client: exitCode,
      outage: undefined,
      failures: [`never came there: ${reason(client.events)}`],
    }
  }
  const outage = await cut({ point, machine, client, held })
  const exitCode = await client.ended
  const failures = [
    ...wrongEnd({ point, client, held }, exitCode),
    ...(await unended(machine, held, point)),
    ...(await heldLocks(machine)),
  ]
  const { doing, step } = held
  return { stood: { doing, step }, client: exitCode ?? 'killed', outage, failures }
}

/** A client whose cable was pulled comes back and finishes. One whose host or program is gone says so, unless all was over. */
function wrongEnd({ point, client, held }: Omit<Cut, 'machine'>, exitCode: number | undefined): readonly string[] {
  if (point.way === 'client') return exitCode === undefined ? [] : ['the client outlived its SIGKILL']
  const wanted = point.way === 'cable' ? [0] : held.doing === 'finish' ? [0, 1] : [1]
  return wanted.includes(exitCode ?? -1) ? [] : [`the client ends with ${exitCode}: ${reason(client.events)}`]
}

/** A host finishes without its client. */
async function unended(machine: Machine, { run }: Held, { way }: Point): Promise<readonly string[]> {
  if (way !== 'client' && way !== 'cable') return []
  const isOver = () => machine.read(`/run/tasks/${run}/pid`) === ''
  await patiently(isOver)
  const said = /^tasks-\S+ finish (\S+)/m.exec(machine.read(`/var/lib/tasks/runs/${run}/journal`))?.[1]
  return isOver() && said === 'done' ? [] : [`the host did not finish by itself: ${said}`]
}

/** Whether the newest version serves now, over the rows of before. */
async function unfinished({ machine, project, site, rows }: Trial): Promise<readonly string[]> {
  const answer = await ask(machine.host.address, site)
  const page = pageOf(answer)
  if (page === undefined) return [`the site does not answer: ${answer.status}`]
  const { version } = project
  const wanted: Page = {
    version,
    package: version,
    marks: rows.length > 0 ? [version] : [],
    rows,
    migrated: upTo(version),
  }
  return JSON.stringify(page) === JSON.stringify(wanted) ? [] : [`the site says ${JSON.stringify(page)}`]
}

function upTo(version: number): readonly number[] {
  return Array.from({ length: version }, (_, index) => index + 1)
}

/** The version of each release on the host, from what is written beside it, down to the one before the newest. */
function versionsOf(machine: Machine, site: string, newest: number): ReadonlyMap<number, number> {
  const versions = new Map<number, number>()
  for (let release = 1; release <= 10_000; release++) {
    const story = machine.read(`/home/elspeth/sites/${site}/releases/${release}/release.json`)
    const version = Number(/"subject":"Version (\d+)"/.exec(story)?.[1])
    if (version >= newest - 1) versions.set(release, version)
    if (version === newest) break
  }
  return versions
}

/** Deploys to the end. */
export async function deployed({ project, machine, site }: Pick<Trial, 'project' | 'machine' | 'site'>) {
  const client = deployBy(project, machine, site)
  const exitCode = await client.ended
  return { exitCode, events: client.events }
}

function deployBy(project: Project, machine: Machine, site: string): Client {
  return startClient(project.folder, ['deploy', '--site', site, '--host', machine.host.name])
}

/** Why a run did not do what it should. */
export function reason(events: readonly Event[]): string {
  return events.flatMap((event) => (event.type === 'run.failed' ? [event.message] : []))[0] ?? 'it says nothing'
}

function changed(events: readonly Event[]): number {
  return events.filter((event) => event.type === 'step.finished' && event.verdict !== 'met').length
}
