import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AnyTask } from '../core/task.ts'
import { builtInModules, builtInTasks } from './built-in-tasks.ts'

/** Every task that can be typed here: those that come with the program, and the project's own, which replace them by name. */
export async function taskList({
  cwd,
  config,
}: {
  readonly cwd: string
  readonly config: string | undefined
}): Promise<readonly AnyTask[]> {
  const [builtIn, own] = await Promise.all([builtInTasks(), projectTasks(cwd, config)])
  return [...new Map([...builtIn, ...own].map((task) => [task.name, task])).values()]
}

/** What modules of a project get when they import the program by its names: the very modules that it runs on. */
export async function door(): Promise<Readonly<Record<string, unknown>>> {
  const tasks = Object.entries(await builtInModules()).map(([name, module]) => [`tasks-ssh/tasks/${name}`, module])
  return { 'tasks-ssh': await import('../index.ts'), ...Object.fromEntries(tasks) }
}

/** The tasks that a project defines beside its config. */
export async function projectTasks(cwd: string, config: string | undefined): Promise<readonly AnyTask[]> {
  const { findConfig, namedConfig } = await import('../config/find.ts')
  const file = config === undefined ? await findConfig(cwd) : await namedConfig(config, cwd)
  if (file === undefined) return []
  const { ownTasks } = await import('../config/own-tasks.ts')
  const builtIn = fileURLToPath(new URL('../../tasks', import.meta.url))
  return await ownTasks({
    cwd,
    root: path.dirname(file.path),
    door,
    builtIn: builtIn.replace(/\/dist\/tasks$/, '/tasks'),
  })
}
