import type { AnyTask, Params } from '../core/task.ts'
import { needsHost as isOnHosts, type PlannedTask, plan } from '../run/graph.ts'

/** What is done when the task is asked for, in order. */
export function chainOf(task: AnyTask): readonly AnyTask[] {
  return chainPlan(task).map((planned) => planned.task)
}

/** Whether a task or one of its chain does something on a host. */
export function needsHost(task: AnyTask): boolean {
  return isOnHosts(chainPlan(task))
}

/** The parameters of a task and of all that comes before and after it, by name: those of the same name are one. What a call gives is no parameter. */
export function paramsOf(task: AnyTask): Params {
  return Object.assign({}, ...chainPlan(task).map(({ open }) => open), task.params) as Params
}

/** The chain as it is planned before any argument is known. */
function chainPlan(task: AnyTask): readonly PlannedTask[] {
  return plan({ roots: [{ task, params: {} }], only: [] })
}
