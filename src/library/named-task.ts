import { didYouMean } from '../config/suggestion.ts'
import { TasksError } from '../core/errors.ts'
import type { AnyTask } from '../core/task.ts'
import { chainOf } from '../project/chain.ts'
import type { Project } from '../project/project.ts'

/** The task that a word means in a project, or a task as it is. Throws `usage` errors where there is none, or it has no name to be told by. */
export function namedTask({ tasks }: Project, wanted: string | AnyTask): AnyTask {
  if (typeof wanted !== 'string') return withName(wanted)
  const found = tasks.find(({ words }) => words.includes(wanted))
  if (found !== undefined) return found.task
  const known = tasks.flatMap(({ words }) => words)
  throw new TasksError({
    code: 'usage',
    message: `Cannot run ${JSON.stringify(wanted)}, because there is no such task.`,
    hint: didYouMean(wanted, known, `use one of: ${known.join(', ')}`),
  })
}

/** A task that has its name of its export has it only where a project's folder was read. */
function withName(task: AnyTask): AnyTask {
  const nameless = chainOf(task).find(({ name }) => name === '')
  if (nameless === undefined) return task
  throw new TasksError({
    code: 'usage',
    message: `Cannot run the task "${nameless.summary}", because it has no name.`,
    hint: 'give it one, or start it by the name under which the project lists it',
  })
}
