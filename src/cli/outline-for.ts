import { loadApp } from '../config/load-app.ts'
import { TasksError } from '../core/errors.ts'
import type { AnyTask } from '../core/task.ts'
import { choiceFor } from '../project/prepare.ts'
import { type Outline, outline } from '../run/index.ts'
import { door } from './door.ts'
import type { PlaceFlags } from './flags.ts'
import { textOfSecret } from './here.ts'
import { flagWords } from './task-flags.ts'
import { gathered } from './task-params.ts'

/** What each host would get of a task, with the arguments that are usual or that the environment says. No host is connected to. */
export async function outlineFor(
  task: AnyTask,
  flags: PlaceFlags & { readonly config?: string | undefined },
): Promise<Outline> {
  const { values, missing } = gathered(task, {}, { environment: process.env, textOf: textOfSecret })
  const [first] = missing
  if (first !== undefined) {
    throw new TasksError({
      code: 'usage',
      message: `Cannot show what hosts get of "${task.name}", because ${flagWords(first)} is missing.`,
      hint: `set ${first.variable}`,
    })
  }
  const cwd = process.cwd()
  const project = { cwd, ...(await loadApp({ cwd, config: flags.config, door })) }
  const where = { hosts: flags.host ?? [], site: flags.site, stage: flags.stage }
  const { app, hosts, site } = await choiceFor([task], project, where)
  const params = site === undefined ? values : { ...values, site: site.name }
  return await outline({ app, roots: [{ task, params }], hosts, site, only: [] })
}
