import { type Choice, choose } from '../config/choose.ts'
import type { LoadedApp } from '../config/load-app.ts'
import type { AnyTask } from '../core/task.ts'
import type { SharedFlags } from './flags.ts'
import { knownPlaces } from './known-places.ts'
import { needsHost, paramsOf } from './task-flags.ts'

/** Where a person wants something done. */
export type PlaceFlags = Pick<SharedFlags, 'host' | 'site' | 'stage'>

/** What stays on this machine needs no host, and none is looked for unless a person names a place. */
export async function choiceFor(task: AnyTask, loaded: LoadedApp, flags: PlaceFlags): Promise<Choice> {
  const { app, hasProject } = loaded
  const { host = [], site, stage } = flags
  const needsSite = Object.hasOwn(paramsOf(task), 'site')
  const isSomewhere = host.length > 0 || site !== undefined || stage !== undefined
  if (!needsHost(task) && !needsSite && !isSomewhere) return { app, hosts: [], site: undefined, notes: [] }
  return await choose(
    app,
    { hosts: host, site, stage },
    { task: task.name, needsSite, needsHost: needsHost(task), hasProject, ...knownPlaces(app) },
  )
}
