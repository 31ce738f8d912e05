import { readdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import { TasksError } from '../core/errors.ts'
import type { AnyTask } from '../core/task.ts'
import { type Door, type LoadModule, moduleLoader } from './load-module.ts'
import { readModule } from './read.ts'
import { nameFrom, namespaceOf, taskNameProblem } from './task-names.ts'

interface OwnTasksOptions {
  readonly cwd: string
  /** Folder of the config. */
  readonly root: string
  readonly door: Door
  /** The tasks that come with the program: a module of the project may hand one on. */
  readonly builtIn: readonly AnyTask[]
  /** Their folder: in the program's own checkout that is the project's. */
  readonly builtInFolder: string
}

/** A task of the project, and where it is from. */
export interface OwnTask {
  readonly task: AnyTask
  /** As a person at `cwd` would type it. */
  readonly file: string
  /** The folders that it is in: `db` of `tasks/db/pull.ts`. */
  readonly namespace: string
}

/**
 * The tasks that a project defines in `tasks/` beside its config: every task that a module there exports, also in folders, whose names
 * come before the task's: `db:pull`. Throws a `config` error where two would be typed alike.
 */
export async function ownTasks(options: OwnTasksOptions): Promise<readonly OwnTask[]> {
  const { root, builtInFolder } = options
  const folder = path.join(root, 'tasks')
  const files = await modulesIn(folder)
  if (files.length === 0 || (await isSame(folder, builtInFolder))) return []
  const found = new Map<AnyTask, OwnTask>()
  const load = moduleLoader(options.door)
  for (const file of files) await take(file, found, { ...options, folder, load })
  const own = [...found.values()]
  refuseTwins(own, options.builtIn)
  return own
}

/** What lies deeper comes first, so that a task is of its own folder where an `index.ts` above hands it on. */
async function modulesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const wanted = entries
    .filter(({ name }) => !/^[._]|^node_modules$/.test(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
  const folders = wanted.filter((entry) => entry.isDirectory())
  const files = wanted.filter((entry) => !entry.isDirectory() && isModule(entry.name))
  const below = await Promise.all(folders.map(({ name }) => modulesIn(path.join(folder, name))))
  return [...below.flat(), ...files.map(({ name }) => path.join(folder, name))]
}

function isModule(file: string): boolean {
  return /\.m?[jt]s$/.test(file) && !/\.(d|test|spec)\.m?[jt]s$/.test(file)
}

/** Adds the tasks that a module exports, and that no module before it did. */
async function take(
  file: string,
  found: Map<AnyTask, OwnTask>,
  { cwd, builtIn, folder, load }: OwnTasksOptions & { readonly folder: string; readonly load: LoadModule },
): Promise<void> {
  const name = path.relative(cwd, file)
  const module = await readModule(file, { name, load })
  const place = path.relative(folder, file)
  // What is exported under a name, too, has that one.
  const entries = Object.entries(module).sort(
    ([one], [other]) => Number(one === 'default') - Number(other === 'default'),
  )
  for (const [exported, task] of entries) {
    if (!isTask(task) || found.has(task) || builtIn.includes(task)) continue
    named(task, { name: nameFrom(task.name, exported, place), file: name })
    found.set(task, { task, file: name, namespace: namespaceOf(place) })
  }
}

/** Others need the very task, so that it is named in its place; once, since with a namespace its name is whole. */
function named(task: AnyTask, { name, file }: { readonly name: string; readonly file: string }): void {
  for (const word of [name, ...(task.aliases ?? [])]) {
    const problem = taskNameProblem(word)
    if (problem === undefined) continue
    throw new TasksError({
      code: 'config',
      message: `Cannot use the task ${JSON.stringify(word)} of "${file}", because ${problem}.`,
      hint: 'give it another name',
    })
  }
  Object.assign(task, { name })
}

/** Each word that can be typed means one task; a task with the name of one that comes with the program replaces that. */
function refuseTwins(own: readonly OwnTask[], builtIn: readonly AnyTask[]): void {
  const seen = new Map<string, string>()
  const others = builtIn.flatMap((task) => (own.some((one) => one.task.name === task.name) ? [] : [task.name]))
  for (const { task, file, namespace } of own) {
    const defaults = task.isDefault === true ? [defaultWord(task, { file, namespace })] : []
    for (const word of new Set([task.name, ...(task.aliases ?? []), ...defaults])) {
      const other = seen.get(word)
      if (other !== undefined) throw twins(word, file, other)
      if (others.includes(word)) throw twinOfBuiltIn(word, file)
      seen.set(word, file)
    }
  }
}

function defaultWord(
  { name }: AnyTask,
  { file, namespace }: { readonly file: string; readonly namespace: string },
): string {
  if (namespace !== '') return namespace
  throw new TasksError({
    code: 'config',
    message: `Cannot use task "${name}" of "${file}" as a default, because it is in no folder that it could be the default of.`,
    hint: 'take isDefault away, or move the file into a folder',
  })
}

function twins(word: string, file: string, other: string): TasksError {
  const both = other === file ? `two tasks of "${file}"` : `the tasks of "${other}" and "${file}"`
  return new TasksError({
    code: 'config',
    message: `Cannot tell ${both} apart, because both are typed as "${word}".`,
    hint: 'give one of them another name or alias',
  })
}

function twinOfBuiltIn(word: string, file: string): TasksError {
  return new TasksError({
    code: 'config',
    message: `Cannot use "${word}" as another name for a task of "${file}", because a task that comes with the program is called so.`,
    hint: `choose another, or name the task "${word}" to replace that one`,
  })
}

function isTask(value: unknown): value is AnyTask {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'task'
}

async function isSame(one: string, other: string): Promise<boolean> {
  return (await realpath(one)) === (await realpath(other).catch(() => other))
}
