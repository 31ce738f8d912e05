import { checkedConfig } from '../config/check.ts'
import { completeApp } from '../config/complete-app.ts'
import { configName, loadApp } from '../config/load-app.ts'
import type { App } from '../core/app.ts'
import { isTasksError } from '../core/errors.ts'
import { bad, type Found, ok, warn } from '../core/finding.ts'
import { dotenvFindings } from '../doctor/dotenv-findings.ts'
import { builtInTasks } from '../project/built-in-tasks.ts'
import { projectTasks } from '../project/task-list.ts'
import { plural } from '../render/words.ts'
import { door } from './door.ts'

interface ProjectHealth {
  /** Empty where the config is broken. */
  readonly app: App
  readonly findings: readonly Found[]
}

interface Where {
  readonly cwd: string
  readonly config: string | undefined
}

/** Whether the config can be read, with all that lies on this machine and belongs to it. */
export async function projectHealth(where: Where): Promise<ProjectHealth> {
  try {
    const { app, hasProject } = await loadApp({ ...where, door })
    const findings = [
      configFinding(app, { cwd: where.cwd, hasProject }),
      ...(await dotenvFindings(app)),
      ...(await taskFindings(where)),
    ]
    return { app, findings }
  } catch (error) {
    const empty = completeApp(checkedConfig({}, ''), { root: where.cwd })
    return { app: empty.app, findings: [failed('config', error)] }
  }
}

function configFinding(
  { configFile, hosts, sites }: App,
  { cwd, hasProject }: { readonly cwd: string; readonly hasProject: boolean },
): Found {
  if (configFile !== undefined) {
    const counts = `${plural(Object.keys(hosts).length, 'host')}, ${plural(Object.keys(sites).length, 'site')}`
    return ok('config', `${configName({ path: configFile }, cwd)}: ${counts}`)
  }
  return hasProject
    ? ok('config', 'none, and none is needed: a manage.py is here')
    : warn('config', 'there is none, here or above', 'run: tasks init')
}

async function taskFindings({ cwd, config }: Where): Promise<readonly Found[]> {
  try {
    const own = await projectTasks({ cwd, config, door, builtIn: await builtInTasks() })
    return own.length === 0 ? [] : [ok('own tasks', own.map(({ task }) => task.name).join(', '))]
  } catch (error) {
    return [failed('own tasks', error)]
  }
}

function failed(title: string, error: unknown): Found {
  if (!isTasksError(error)) throw error
  return bad(title, error.message, error.hint)
}
