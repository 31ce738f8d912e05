import { hostname, userInfo } from 'node:os'
import type { Asked } from '../core/event.ts'
import { lineOf, type PlannedTask } from './graph.ts'
import type { RunRequest } from './request.ts'

/** Who asks for what, from here. */
export function askedFor({ roots, site }: RunRequest, planned: readonly PlannedTask[]): Asked {
  const about = { task: lineOf(roots), user: userInfo().username, machine: hostname() }
  return site !== undefined && isAboutSite(planned) ? { ...about, site: site.name } : about
}

/** Whether the arguments of any of them name a site: then the run is that site's, else the host's. */
function isAboutSite(planned: readonly PlannedTask[]): boolean {
  return planned.some(({ task }) => Object.hasOwn(task.params, 'site'))
}
