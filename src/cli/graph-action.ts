import { TasksError } from '../core/errors.ts'
import type { AnyTask } from '../core/task.ts'
import type { PlaceFlags } from './flags.ts'
import { asDot, asMermaid, asTrees } from './graph.ts'
import { outlineAsDot, outlineAsMermaid, outlineAsTrees } from './graph-hosts.ts'

export interface GraphFlags extends PlaceFlags {
  readonly config?: string | undefined
  readonly mermaid?: true | undefined
  readonly dot?: true | undefined
  /** Whether a task was named: one alone can be shown for hosts. */
  readonly isNamed: boolean
  /** Whether the terminal lacks the characters that trees are drawn with. */
  readonly isPlain: boolean
}

/** What tasks need and are followed by; where a place is named, what its hosts get of the one. */
export async function graph(tasks: readonly AnyTask[], flags: GraphFlags): Promise<string> {
  const { host, site, stage, mermaid, dot } = flags
  if ((host ?? site ?? stage) === undefined)
    return mermaid ? asMermaid(tasks) : dot ? asDot(tasks) : asTrees(tasks, flags)
  const [task] = tasks
  if (!flags.isNamed || task === undefined) {
    throw new TasksError({
      code: 'usage',
      message: 'Cannot show what hosts get, because TASK is missing.',
      hint: 'name one: tasks graph TASK --host HOST',
    })
  }
  const { outlineFor } = await import('./run-task.ts')
  const outline = await outlineFor(task, flags)
  if (mermaid) return outlineAsMermaid(outline)
  return dot ? outlineAsDot(outline) : outlineAsTrees(outline, flags)
}
