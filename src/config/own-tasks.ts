import { readdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import type { AnyTask } from '../core/task.ts'
import type { Door } from './load-module.ts'
import { readModule } from './read.ts'

interface OwnTasksOptions {
  readonly cwd: string
  /** Folder of the config. */
  readonly root: string
  readonly door: Door
  /** Folder of the tasks that come with the program: in its own checkout that is the project's. */
  readonly builtIn: string
}

/** The tasks that a project defines in `tasks/` beside its config: every task that a module there exports. */
export async function ownTasks({ cwd, root, door, builtIn }: OwnTasksOptions): Promise<readonly AnyTask[]> {
  const folder = path.join(root, 'tasks')
  const files = (await readdir(folder).catch(() => [])).filter((file) => /(?<!\.d)\.m?[jt]s$/.test(file)).sort()
  if (files.length === 0 || (await isSame(folder, builtIn))) return []
  const tasks = new Set<AnyTask>()
  for (const file of files.map((name) => path.join(folder, name))) {
    const module = await readModule(file, { name: path.relative(cwd, file), door })
    for (const task of Object.values(module).filter(isTask)) tasks.add(task)
  }
  return [...tasks]
}

function isTask(value: unknown): value is AnyTask {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'task'
}

async function isSame(one: string, other: string): Promise<boolean> {
  return (await realpath(one)) === (await realpath(other).catch(() => other))
}
