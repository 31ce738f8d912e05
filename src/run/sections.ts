import type { Host } from '../core/app.ts'
import { content } from '../core/data.ts'
import type { Emit, Mode } from '../core/event.ts'
import type { AnyTask, Needs, Params, StepsContext } from '../core/task.ts'
import type { Section } from '../program/program.ts'
import { type PlaceOnHost, taskContext } from './contexts.ts'
import type { PlannedTask } from './graph.ts'
import { notYetDone } from './handed.ts'
import type { RunRequest } from './request.ts'

type SectionsPlace = PlaceOnHost & { readonly emit: Emit; readonly mode?: Mode }

/**
 * Every steps-task of the plan as a section of one host's program, in order. What the tasks note is told as events. In a dry run that holds too,
 * of a task whose steps wait for what a function returns.
 */
export async function sectionsFor(planned: readonly PlannedTask[], place: SectionsPlace): Promise<readonly Section[]> {
  const sections: Section[] = []
  const template = await templates(place.request)
  for (const one of planned) {
    try {
      const section = await sectionOf(one, place, template)
      if (section) sections.push(section)
    } catch (error) {
      const awaited = place.mode === 'dry-run' ? notYetDone(error) : undefined
      if (awaited === undefined) throw error
      const message = `What "${one.label}" would change is decided by what "${awaited}" returns, and that is done in the run only.`
      notes(one.label, place)({ level: 'note', message })
    }
  }
  return sections
}

async function sectionOf(planned: PlannedTask, place: SectionsPlace, template: Template): Promise<Section | undefined> {
  const { task, label } = planned
  const context = { ...taskContext(planned, place), template, note: notes(label, place) }
  const steps = await task.steps?.(context satisfies StepsContext<Params, Needs>)
  return steps && { task: label, summary: task.summary, lock: lockOf(task, place.request), steps }
}

type Template = StepsContext<Params, Needs>['template']

let loading: Promise<typeof import('../config/template.ts')> | undefined

/** What fills them in is loaded here, while a host is on the line; once, since two loads at once meet a module half made (jiti 2.7). */
async function templates({ app }: Pick<RunRequest, 'app'>): Promise<Template> {
  loading ??= import('../config/template.ts')
  const { loadTemplate, renderTemplate } = await loading
  return (name, variables) => {
    const template = loadTemplate(name, { projectRoot: app.root })
    return content(renderTemplate(template.text, variables, template.path))
  }
}

function notes(
  task: string,
  { host, emit }: { readonly host: Host; readonly emit: Emit },
): StepsContext<Params, Needs>['note'] {
  return ({ level, message, hint }) =>
    emit({ type: 'note.told', level, host: host.name, task, message, ...(hint !== undefined && { hint }) })
}

function lockOf(task: AnyTask, { site }: Pick<RunRequest, 'site'>): string | undefined {
  if (task.lock === 'site') return site && `site-${site.name}`
  return task.lock === 'host' ? 'host' : undefined
}
