import type { RunsListed } from '../core/event.ts'
import type { PastRun, StepPlace } from '../core/past-run.ts'
import { printableLine } from './printable.ts'
import type { Paint } from './style.ts'
import { aligned } from './table.ts'

/** A host's runs as a person reads them, newest first: a line for each, under a line of headings; the host's name above, where there are several. */
export function runsTable({ host, site, runs }: RunsListed, paint: Paint, isOneOfSeveral: boolean): readonly string[] {
  const name = printableLine(host)
  const of = site === undefined ? '' : ` of ${printableLine(site)}`
  if (runs.length === 0) return [`${name} remembers no run${of}.`]
  const [head = '', ...lines] = aligned([['RUN', 'WHEN', 'WHO', 'TASK', 'SITE', 'CAME TO'], ...runs.map(cells)])
  const above = isOneOfSeveral ? [paint('strong', `${name}:`)] : []
  return [...above, paint('faint', head), ...lines]
}

function cells(past: PastRun): readonly string[] {
  const { run, since, user, machine, task, site = '' } = past
  const when = since.replace(/\.\d+Z$/, 'Z')
  return [run, when, `${user}@${machine}`, task, site, outcome(past)].map((cell) => printableLine(cell))
}

function outcome({ state, changed, place }: PastRun): string {
  switch (state) {
    case 'done':
      return changed === 0 ? 'done: nothing to do' : `done: ${changed} changed`
    case 'failed':
      return place === undefined ? 'failed' : `failed at step ${place.number} of ${place.of} (${place.name})`
    case 'interrupted':
      return `interrupted ${stopped(place)}`
    case 'died':
      return `died ${stopped(place)}`
    case 'running':
      return place === undefined ? 'running now' : `running now: step ${place.number} of ${place.of} (${place.name})`
    case 'locked':
      return 'gave way to another run'
    case 'lost':
      return 'never began: its client was gone'
  }
}

function stopped(place: StepPlace | undefined): string {
  if (place === undefined) return 'before its first step'
  return `${place.isAtWork ? 'in' : 'after'} step ${place.number} of ${place.of} (${place.name})`
}
