import type { Mode } from '../../core/event.ts'
import { quote } from '../../core/sh.ts'
import type { Verdict } from '../../core/step.ts'
import { duration } from '../duration.ts'
import { printableLine } from '../printable.ts'
import type { StepProgress } from '../progress.ts'
import type { Report } from './story.ts'

/** What became of a step, as a class of the page and in words. `not-reached` and `unfinished`: it was planned, and has no verdict. */
export type Fate =
  | 'met'
  | 'changed'
  | 'would'
  | 'after'
  | 'skipped'
  | 'failed'
  | 'unknown'
  | 'not-reached'
  | 'unfinished'

export const fateWords: Readonly<Record<Fate, string>> = {
  met: 'already so',
  changed: 'changed',
  would: 'would change',
  after: 'decided later',
  skipped: 'skipped',
  failed: 'failed',
  unknown: 'unknown',
  'not-reached': 'not reached',
  unfinished: 'not finished',
}

export function fateOf({ finished, startedAt }: StepProgress): Fate {
  if (finished === undefined) return startedAt === undefined ? 'not-reached' : 'unfinished'
  return fates[finished.verdict]
}

const fates: Readonly<Record<Verdict, Fate>> = {
  met: 'met',
  changed: 'changed',
  'would change': 'would',
  after: 'after',
  skipped: 'skipped',
  failed: 'failed',
  unknown: 'unknown',
}

export function tookWords(milliseconds: number): string {
  return milliseconds < 50 ? '<0.1 s' : duration(milliseconds)
}

export const modeWords: Readonly<Record<Mode, string>> = {
  run: 'run',
  'dry-run': 'dry run: nothing was touched',
  step: 'step by step: each change was asked for',
}

/** `deploy of staging.example.com`, `provision on web1` */
export function runName({ started, hosts }: Report): string {
  const { asked, tasks } = started
  const task = asked?.task ?? tasks.join(', ')
  if (asked?.site !== undefined) return printableLine(`${task} of ${asked.site}`)
  const [first, ...others] = hosts
  if (first === undefined) return printableLine(task)
  return printableLine(`${task} on ${others.length === 0 ? first.name : `${hosts.length} hosts`}`)
}

/** `2026-11-22 10:00:07 UTC`; what is no time of ours is left as it is. */
export function momentWords(at: string): string {
  return at.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2 UTC')
}

/** What to type for the same again, as far as events tell: flags of the task itself are not in them. */
export function commandOf({ started: { asked, mode }, hosts }: Report): string | undefined {
  if (asked === undefined) return undefined
  const where = asked.site === undefined ? hosts.flatMap(({ id }) => ['--host', id]) : ['--site', asked.site]
  const how = mode === 'run' ? [] : [`--${mode}`]
  return ['tasks', asked.task, ...where, ...how].map((word) => quote(printableLine(word))).join(' ')
}
