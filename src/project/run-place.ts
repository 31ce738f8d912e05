import { choose } from '../config/choose.ts'
import type { App, Host } from '../core/app.ts'
import { TasksError } from '../core/errors.ts'
import { knownPlaces } from './known-places.ts'

/** Where a run is looked for, in a person's words. */
export interface RunWhere {
  readonly host?: string | undefined
  readonly site?: string | undefined
}

/** The host that has a run's journal; and the site that it must be of, where one was named. */
export interface RunPlace {
  readonly host: Host
  readonly site: string | undefined
}

/** A run is heard from anywhere: neither a project nor a stage's files are needed for that. */
export async function runPlace(
  task: 'attach' | 'report',
  { app, cwd }: { readonly app: App; readonly cwd: string },
  { host, site: siteName }: RunWhere,
): Promise<RunPlace> {
  const { hosts, site } = await choose(
    { ...app, stages: {} },
    { hosts: host === undefined ? [] : [host], site: siteName },
    { task, needsSite: false, needsHost: true, hasProject: true, ...knownPlaces(app, cwd) },
  )
  const [first, ...others] = hosts
  if (first === undefined || others.length > 0) {
    throw new TasksError({
      code: 'usage',
      message: `Cannot ${task}, because the config has ${hosts.length} hosts, and a run is followed on one.`,
      hint: `add --host with one of: ${hosts.map(({ name }) => name).join(', ')}`,
    })
  }
  return { host: first, site: site?.name }
}
