import { userInfo } from 'node:os'
import type { Host } from '../core/app.ts'
import { localContext, type PlaceOnHost, taskContext } from './contexts.ts'
import { type PlannedTask, plan } from './graph.ts'
import { Handed, notYetDone } from './handed.ts'
import { type Phase, phasesOf, piecesOf } from './phases.ts'
import type { RunRequest } from './request.ts'
import { sectionsFor } from './sections.ts'
import { isDoneOn } from './work.ts'

/** What a run would do, as far as that is known here. */
export interface Outline {
  readonly hosts: readonly HostOutline[]
  /** What is done on this machine, in order. */
  readonly local: readonly LocalOutline[]
}

export interface HostOutline {
  readonly host: Host
  /** A guess where the config does not say who logs in. */
  readonly loginUser: string
  readonly parts: readonly OutlinedPart[]
}

/** A task as one host gets it. `awaited` is the task whose result decides of which steps it is, and that is known in the run only. */
export type OutlinedPart =
  | { readonly kind: 'steps'; readonly task: string; readonly titles: readonly string[] }
  | { readonly kind: 'steps-to-come'; readonly task: string; readonly awaited: string }
  | { readonly kind: 'function' | 'nothing'; readonly task: string }

/** `before` and `after` are the tasks of hosts next to it: all hosts have ended the ones, and none has begun the others. */
export interface LocalOutline {
  readonly task: string
  readonly kind: 'function' | 'nothing'
  readonly after: readonly string[]
  readonly before: readonly string[]
}

type OutlineRequest = Pick<RunRequest, 'app' | 'site' | 'roots' | 'only' | 'hosts'>

/** What each host would get of a run: its tasks in order, and the steps that they are compiled from. Nothing is connected to, and nothing done. */
export async function outline(request: OutlineRequest): Promise<Outline> {
  const phases = phasesOf(plan(request))
  const handed = new Handed()
  const places = request.hosts.map((host): PlaceOnHost => {
    return { request, handed, host, loginUser: host.user ?? userInfo().username }
  })
  const hosts: HostOutline[] = []
  for (const place of places) hosts.push(await hostOutline(phases, place, request))
  const local = phases.flatMap((phase, at) =>
    phase.kind === 'local' ? [localOutline(phase.task, { phases, at, places, request })] : [],
  )
  return { hosts, local }
}

async function hostOutline(
  phases: readonly Phase[],
  place: PlaceOnHost,
  request: OutlineRequest,
): Promise<HostOutline> {
  const planned = phases.filter(isOfHosts).flatMap(({ tasks }) => tasks)
  const parts: OutlinedPart[] = []
  for (const one of planned) {
    if (!isDoneOn(one.task, place.host, { request })) continue
    for (const piece of piecesOf([one])) {
      parts.push(piece.kind === 'program' ? await stepsOf(one, place) : functionOf(one, () => taskContext(one, place)))
    }
  }
  return { host: place.host, loginUser: place.loginUser, parts }
}

async function stepsOf(planned: PlannedTask, place: PlaceOnHost): Promise<OutlinedPart> {
  const task = planned.label
  try {
    const sections = await sectionsFor([planned], { ...place, emit: () => undefined })
    return { kind: 'steps', task, titles: sections.flatMap(({ steps }) => steps.map(({ title }) => title)) }
  } catch (error) {
    const awaited = notYetDone(error)
    if (awaited === undefined) throw error
    return { kind: 'steps-to-come', task, awaited }
  }
}

interface LocalPlace {
  readonly phases: readonly Phase[]
  readonly at: number
  readonly places: readonly PlaceOnHost[]
  readonly request: OutlineRequest
}

function localOutline(planned: PlannedTask, { phases, at, places, request }: LocalPlace): LocalOutline {
  const handed = new Handed()
  const before = phases.slice(at).find(isOfHosts)
  const after = phases.slice(0, at).findLast(isOfHosts)
  const { kind } = functionOf(planned, () => localContext(planned, { request, handed, hosts: places }))
  return { task: planned.label, kind, before: labelsOf(before), after: labelsOf(after) }
}

type HostsPhase = Extract<Phase, { readonly kind: 'hosts' }>

function isOfHosts(phase: Phase): phase is HostsPhase {
  return phase.kind === 'hosts'
}

function labelsOf(phase: HostsPhase | undefined): readonly string[] {
  return phase?.tasks.map(({ label }) => label) ?? []
}

function functionOf(
  planned: PlannedTask,
  context: () => ReturnType<typeof localContext>,
): { readonly kind: 'function' | 'nothing'; readonly task: string } {
  return { kind: mayHaveToDo(planned, context) ? 'function' : 'nothing', task: planned.label }
}

/** What asks for the result of another task can be asked in the run only, and may have something to do. */
export function mayHaveToDo({ task }: PlannedTask, context: () => ReturnType<typeof localContext>): boolean {
  try {
    return task.when?.(context()) !== false
  } catch (error) {
    if (notYetDone(error) === undefined) throw error
    return true
  }
}
