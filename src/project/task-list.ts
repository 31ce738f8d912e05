import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { findConfig, namedConfig } from '../config/find.ts'
import type { Door } from '../config/load-module.ts'
import { type OwnTask, ownTasks } from '../config/own-tasks.ts'
import { withStandIns } from '../core/stand-ins.ts'
import type { AnyTask } from '../core/task.ts'
import { builtInModules, builtInTasks } from './built-in-tasks.ts'

/** A task that can be typed here. */
export interface ListedTask {
  readonly task: AnyTask
  /** Every word that means it, its name first. */
  readonly words: readonly string[]
  /** Of the project's own: the module that it is from, as it would be typed here, and the folders that it is in. */
  readonly own: Pick<OwnTask, 'file' | 'namespace'> | undefined
}

/** Every task that can be typed here: those that come with the program, and the project's own, which replace them by name. */
export async function taskList(place: ProjectPlace): Promise<readonly ListedTask[]> {
  const builtIn = await builtInTasks()
  const own = await projectTasks({ ...place, builtIn })
  return listed(builtIn, own)
}

/** Where a project is looked for, and what its modules may import. */
export interface ProjectPlace {
  readonly cwd: string
  /** The config, where one is named. */
  readonly config?: string | undefined
  readonly door: Door
}

/** The tasks in the order in which they are listed: those in folders come last. */
export function listed(builtIn: readonly AnyTask[], own: readonly OwnTask[] = []): readonly ListedTask[] {
  const isReplaced = own.some(({ task }) => builtIn.some(({ name }) => name === task.name))
  const all = inListOrder(builtIn, own)
  if (!isReplaced) return all
  const linked = withStandIns(all.map(({ task }) => task))
  return all.map((one, index) => ({ ...one, task: linked[index] ?? one.task }))
}

function inListOrder(builtIn: readonly AnyTask[], own: readonly OwnTask[]): readonly ListedTask[] {
  const inOrder = own.toSorted((one, other) => one.namespace.localeCompare(other.namespace, 'en'))
  const kept = builtIn.filter(({ name }) => own.every(({ task }) => task.name !== name))
  return [
    ...kept.map((task) => ({ task, words: wordsFor(task), own: undefined })),
    ...inOrder.map(({ task, file, namespace }) => ({
      task,
      words: wordsFor(task, namespace),
      own: { file, namespace },
    })),
  ]
}

/** Under which heading a task is listed. */
export function headingOf({ task, own }: Pick<ListedTask, 'task' | 'own'>): string {
  const [namespace] = task.name.split(':')
  if (task.group !== undefined) return `${task.group}:`
  if (own === undefined) return 'Tasks that come with the program:'
  return task.name === namespace ? 'Tasks of this project:' : `Tasks of ${namespace}:`
}

/**
 * What modules of a project get when they import the program by its names: the very modules that it runs on. `program` is what is behind the first
 * of them: whoever opens the door knows.
 */
export async function doorTo(program: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
  const tasks = Object.entries(await builtInModules()).map(([name, module]) => [`tasks-ssh/tasks/${name}`, module])
  return { 'tasks-ssh': program, ...Object.fromEntries(tasks) }
}

function wordsFor({ name, aliases = [], isDefault }: AnyTask, namespace = ''): readonly string[] {
  return [...new Set([name, ...aliases, ...(isDefault === true && namespace !== '' ? [namespace] : [])])]
}

/** The tasks that a project defines beside its config. */
export async function projectTasks({
  cwd,
  config,
  door,
  builtIn,
}: ProjectPlace & { readonly builtIn: readonly AnyTask[] }): Promise<readonly OwnTask[]> {
  const file = config === undefined ? await findConfig(cwd) : await namedConfig(config, cwd)
  if (file === undefined) return []
  const builtInFolder = fileURLToPath(new URL('../../tasks', import.meta.url))
  return await ownTasks({
    cwd,
    root: path.dirname(file.path),
    door,
    builtIn,
    builtInFolder: builtInFolder.replace(/\/dist\/tasks$/, '/tasks'),
  })
}
