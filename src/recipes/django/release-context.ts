import type { Site } from '../../core/app.ts'
import { TasksError } from '../../core/errors.ts'
import type { StepsContext } from '../../core/task.ts'

/** What of a task's context a release is made from. */
export type Given = Pick<StepsContext<{}, {}>, 'app' | 'host' | 'site' | 'stage' | 'template' | 'note'>
/** The same, of a site for sure. */
export type Context = Given & { readonly site: Site }

/** Throws a TasksError where no site is named. */
export function withSite(given: Given): Context {
  if (given.site === undefined)
    throw new TasksError({ code: 'usage', message: 'Cannot deploy without a site.', hint: 'add --site NAME' })
  return { ...given, site: given.site }
}
