import type { Host } from '../core/app.ts'
import type { Needs, Params, TaskContext } from '../core/task.ts'
import type { PlannedTask } from './graph.ts'
import type { Handed } from './handed.ts'
import type { RunRequest } from './request.ts'

/** The user who owns the sites of a host, where neither the config nor the login says who. */
const usualSiteUser = 'deploy'

/** What the functions of a planned task are given of. */
export interface Place {
  readonly request: Pick<RunRequest, 'app' | 'site'>
  readonly handed: Handed
}

export interface PlaceOnHost extends Place {
  readonly host: Host
  readonly loginUser: string
}

type AnyContext = TaskContext<Params, Needs>

/** What a task's functions are given, apart from what only one of them may do. */
export function taskContext(planned: PlannedTask, place: PlaceOnHost): AnyContext {
  const { host, loginUser } = place
  const siteUser = host.siteUser ?? (loginUser === 'root' ? usualSiteUser : loginUser)
  const resultOf = (needed: PlannedTask) => needed.task.result?.(taskContext(needed, place))
  return { ...placeless(planned, { ...place, resultOf }), host: { ...host, loginUser, siteUser } }
}

/** The same for a task of this machine. The results of tasks for a host are those of the first one. */
export function localContext(
  planned: PlannedTask,
  { request, handed, hosts }: Place & { readonly hosts: readonly PlaceOnHost[] },
): Omit<AnyContext, 'host'> {
  const [first] = hosts
  const resultOf = (needed: PlannedTask): unknown =>
    needed.task.result?.(
      first ? taskContext(needed, first) : (localContext(needed, { request, handed, hosts }) as AnyContext), // a task of this machine has no host
    )
  return placeless(planned, { request, handed, host: first?.host, resultOf })
}

interface Surroundings extends Place {
  readonly host: Host | undefined
  readonly resultOf: (needed: PlannedTask) => unknown
}

function placeless({ params, needs }: PlannedTask, { request, handed, host, resultOf }: Surroundings) {
  const { app, site } = request
  const results = {}
  for (const [name, needed] of Object.entries(needs)) {
    const get = () => (needed.task.result ? resultOf(needed) : returned(needed, handed, host))
    Object.defineProperty(results, name, { enumerable: true, get })
  }
  const stage = site?.stage === undefined ? undefined : app.stages[site.stage]
  return { params, needs: results, app, site, stage }
}

/** Steps alone hand nothing on. */
function returned(needed: PlannedTask, handed: Handed, host: Host | undefined): unknown {
  const { run, local } = needed.task
  return run || local ? handed.of(needed, host?.name) : undefined
}
