import path from 'node:path'
import type { Note } from '../config/complete-app.ts'
import { loadApp } from '../config/load-app.ts'
import type { App } from '../core/app.ts'
import { type ListedTask, type ProjectPlace, taskList } from './task-list.ts'

/** What a folder has to run, as the command line finds it there: the nearest config, and the tasks beside it. */
export interface Project {
  /** Absolute path of the folder in which it was looked for. */
  readonly cwd: string
  /** The config, complete; where there is none, what can be told without one. */
  readonly app: App
  /** The tasks that come with the program, and the project's own, each with every word that means it. */
  readonly tasks: readonly ListedTask[]
  /** What a person should know of the config; each run tells it, too. */
  readonly notes: readonly Note[]
  /** Whether there is an application: a config, or a `manage.py`. */
  readonly hasProject: boolean
}

/** Reads the config and the tasks. Throws a TasksError (`config`, `usage`) for what is wrong with them. */
export async function projectAt({ cwd: folder, ...place }: ProjectPlace): Promise<Project> {
  const cwd = path.resolve(folder)
  const loaded = await loadApp({ ...place, cwd })
  return { cwd, ...loaded, tasks: await taskList({ ...place, cwd }) }
}
