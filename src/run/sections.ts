import type { Host } from '../core/app.ts'
import { content } from '../core/data.ts'
import type { Emit } from '../core/event.ts'
import type { AnyTask, LocalContext, Needs, Params, StepsContext, TaskContext } from '../core/task.ts'
import type { Section } from '../program/program.ts'
import { type PlannedTask, resultsFor } from './graph.ts'
import type { RunRequest } from './request.ts'

/** The user who owns the sites of a host, where neither the config nor the login says who. */
const usualSiteUser = 'deploy'

type Request = Pick<RunRequest, 'app' | 'site'>

/** Every steps-task of the plan as a section of one host's program, in order. What the tasks note is told as events. */
export async function sectionsFor(
  planned: readonly PlannedTask[],
  place: { readonly request: Request; readonly host: Host; readonly loginUser: string; readonly emit: Emit },
): Promise<readonly Section[]> {
  const sections: Section[] = []
  const template = await templates(place.request)
  for (const { task, params } of planned) {
    if (!task.steps) continue
    const context = taskContext(task, { ...place, params, planned })
    const steps = await task.steps({
      ...context,
      template,
      note: notes(task, place),
    } satisfies StepsContext<Params, Needs>)
    sections.push({ task: task.name, summary: task.summary, lock: lockOf(task, place.request), steps })
  }
  return sections
}

/** What a task's functions are given, apart from what only one of them may do. */
export function taskContext(
  task: AnyTask,
  place: {
    readonly request: Request
    readonly host: Host
    readonly loginUser: string
    readonly params: Readonly<Record<string, unknown>>
    readonly planned: readonly PlannedTask[]
  },
): TaskContext<Params, Needs> & Pick<LocalContext<Params, Needs>, 'params'> {
  const { request, host, loginUser, params, planned } = place
  const siteUser = host.siteUser ?? (loginUser === 'root' ? usualSiteUser : loginUser)
  const stageName = request.site?.stage
  const resultOf = (needed: AnyTask): unknown => {
    const own = planned.find((other) => other.task === needed)?.params ?? {}
    return needed.result?.(taskContext(needed, { ...place, params: own }))
  }
  return {
    params,
    needs: resultsFor(task, resultOf),
    app: request.app,
    host: { ...host, loginUser, siteUser },
    site: request.site,
    stage: stageName === undefined ? undefined : request.app.stages[stageName],
  }
}

let loading: Promise<typeof import('../config/template.ts')> | undefined

/** What fills them in is loaded here, while a host is on the line; once, since two loads at once meet a module half made (jiti 2.7). */
async function templates({ app }: Request): Promise<StepsContext<Params, Needs>['template']> {
  loading ??= import('../config/template.ts')
  const { loadTemplate, renderTemplate } = await loading
  return (name, variables) => {
    const template = loadTemplate(name, { projectRoot: app.root })
    return content(renderTemplate(template.text, variables, template.path))
  }
}

function notes(
  task: AnyTask,
  { host, emit }: { readonly host: Host; readonly emit: Emit },
): StepsContext<Params, Needs>['note'] {
  return ({ level, message, hint }) =>
    emit({ type: 'note.told', level, host: host.name, task: task.name, message, ...(hint !== undefined && { hint }) })
}

function lockOf(task: AnyTask, { site }: Request): string | undefined {
  if (task.lock === 'site') return site && `site-${site.name}`
  return task.lock === 'host' ? 'host' : undefined
}
