import type { PastRun, StepPlace } from '../core/past-run.ts'
import type { RunHead } from '../program/bootstrap.ts'

/** What a person is told of the run before theirs, which did not come to its end. */
export function beforeWords(past: PastRun, { host, head }: { readonly host: string; readonly head: RunHead }): string {
  const what = `The last ${past.task} of ${past.site ?? `"${host}"`}`
  const who = `${past.user}@${past.machine}, ${momentWords(past.since)}`
  const how = past.state === 'interrupted' ? 'was interrupted' : 'stopped'
  return `${what} (${who}) ${how} ${placeWords(past.place)}${goingOn(past, head)}.`
}

/** `after step 7 of 31 (virtualenv)` */
export function placeWords(place: StepPlace | undefined): string {
  if (place === undefined) return 'before its first step'
  return `${place.isAtWork ? 'in' : 'after'} step ${place.number} of ${place.of} (${place.name})`
}

/** `2026-11-22 14:02 UTC`; what is no time of ours is left as it is. */
export function momentWords(since: string): string {
  return since.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z$/, '$1 $2 UTC')
}

function goingOn({ task }: PastRun, { mode, holder }: RunHead): string {
  if (task !== holder.task) return ''
  return mode === 'dry-run' ? '; the next one goes on from there' : '; this run goes on from there'
}
