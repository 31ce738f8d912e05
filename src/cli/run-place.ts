import { loadApp } from '../config/load-app.ts'
import { runPlace as placeOf, type RunPlace, type RunWhere } from '../project/run-place.ts'
import { door } from './door.ts'

/** Where a run is looked for, as it was typed. */
export interface RunPlaceFlags extends RunWhere {
  readonly config?: string | undefined
}

/** The place that was typed, in the project of the current folder. */
export async function runPlace(task: 'attach' | 'report', flags: RunPlaceFlags): Promise<RunPlace> {
  const cwd = process.cwd()
  const { app } = await loadApp({ cwd, config: flags.config, door })
  return await placeOf(task, { app, cwd }, flags)
}
