import type { Host } from '../core/app.ts'
import { TasksError } from '../core/errors.ts'
import type { Asked } from '../core/event.ts'
import type { AnyTask } from '../core/task.ts'
import type { Handed } from './handed.ts'
import type { RunRequest } from './request.ts'

/** A run as all its parts know it. */
export interface Work {
  readonly request: RunRequest
  readonly run: string
  readonly asked: Asked
  readonly handed: Handed
}

/** Whether a task is done on this host of the run. Throws a `config` error for a group that there is not. */
export function isDoneOn(
  { on = 'all', name: task }: AnyTask,
  host: Host,
  { request }: { readonly request: Pick<RunRequest, 'app' | 'hosts'> },
): boolean {
  if (on === 'all') return true
  if (on === 'primary') return host.name === (request.hosts.find(({ primary }) => primary) ?? request.hosts[0])?.name
  const members = request.app.groups?.[on.slice(1)]
  if (members !== undefined) return members.includes(host.name)
  throw new TasksError({
    code: 'config',
    message: `Cannot do "${task}" on ${on}, because the config has no such group.`,
    hint: 'add it to groups in the config, or to the roles of a host',
  })
}
