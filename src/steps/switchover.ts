import type { ProjectSettings } from '../core/app.ts'
import type { Step } from '../core/step.ts'
import { healthy } from './healthy.ts'
import type { MadeRelease } from './release.ts'
import { replaced } from './replaced.ts'
import { running } from './running.ts'
import { drained, switchedTo } from './switch.ts'

/** How one release follows another, and what a release must do before it may serve. */
type Manner = Pick<ProjectSettings, 'strategy' | 'healthPath' | 'healthTimeout' | 'healthHold'>

/**
 * The release runs, is healthy, and is what the site serves: beside the one before, which serves until then, or in its place where the
 * server has not the memory for two. The step that switches is called `switched` either way.
 */
export function served(
  release: MadeRelease,
  { strategy, healthPath, healthTimeout, healthHold }: Manner,
): readonly Step[] {
  const question = { path: healthPath, timeout: healthTimeout, hold: healthHold }
  if (strategy === 'restart') return [replaced(release, question)]
  const start = running(release)
  return [start, healthy(release, { ...question, after: start }), switchedTo(release)]
}

/** No other release of the site runs; one that was served in place of another has seen to that already. */
export function othersEnded(release: MadeRelease, { strategy }: Pick<Manner, 'strategy'>): readonly Step[] {
  return strategy === 'restart' ? [] : [drained(release)]
}
