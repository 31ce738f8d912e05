import type { AnyTask, Call } from './task.ts'

/**
 * The same tasks, each needing and followed by the ones of this list in place of others of the same name: a project's own `deploy` is deployed by
 * whatever needs one. A task that needs the one whose name it has gets that one.
 */
export function withStandIns(tasks: readonly AnyTask[]): readonly AnyTask[] {
  const byName = new Map(tasks.map((task) => [task.name, task]))
  const made = new Map<AnyTask, AnyTask>()
  const linked = (task: AnyTask, path: readonly AnyTask[]): AnyTask => {
    const own = byName.get(task.name) ?? task
    const chosen = path.includes(own) ? task : own
    const known = made.get(chosen)
    if (known !== undefined || path.includes(chosen)) return known ?? chosen
    const within = [...path, chosen]
    const wanted = (one: AnyTask | Call) =>
      one.kind === 'call' ? { ...one, task: linked(one.task, within) } : linked(one, within)
    const needs = Object.entries(chosen.needs as Readonly<Record<string, AnyTask | Call>>)
    const result: AnyTask = {
      ...chosen,
      needs: Object.fromEntries(needs.map(([name, needed]) => [name, wanted(needed)])),
      then: chosen.then.map(wanted),
      ...(chosen.driftOf && { driftOf: linked(chosen.driftOf, within) }),
    }
    made.set(chosen, result)
    return result
  }
  return tasks.map((task) => linked(task, []))
}
