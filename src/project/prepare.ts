import { type Choice, choose } from '../config/choose.ts'
import type { Note } from '../config/complete-app.ts'
import { privateFolder } from '../config/private-folder.ts'
import type { App, Site } from '../core/app.ts'
import type { AnyTask } from '../core/task.ts'
import { lineOf, type Root } from '../run/graph.ts'
import type { RunRequest } from '../run/index.ts'
import { needsHost, paramsOf } from './chain.ts'
import { hiddenValues, secretsIn } from './hidden-values.ts'
import { knownPlaces } from './known-places.ts'
import type { Project } from './project.ts'

/** Where a run is to be, in a person's words. */
export interface Where {
  readonly hosts: readonly string[]
  readonly site?: string | undefined
  readonly stage?: string | undefined
}

type How = Pick<RunRequest, 'mode' | 'only' | 'wait' | 'jobs' | 'batch' | 'maxFailures'>

/** A run that could begin: what is asked of which hosts, and what to tell of it before. */
export interface Prepared {
  readonly request: Omit<RunRequest, 'emit' | 'ask' | 'stop' | 'kill' | 'connect' | 'connectLocal'>
  readonly notes: readonly Note[]
  /** The stages that it is for: its site's in the config, and the one that was named. */
  readonly stages: readonly string[]
}

/** A project as far as hosts and sites are looked for in it. */
type Places = Omit<Project, 'tasks'>

/**
 * Which hosts and which site tasks are for, all of them together. What stays on this machine needs no host, and none is looked for unless a
 * person names a place. Throws `usage` errors that say what to add.
 */
export async function choiceFor(tasks: readonly AnyTask[], project: Places, where: Where): Promise<Choice> {
  const { app, cwd, hasProject } = project
  const ofSite = tasks.find((task) => Object.hasOwn(paramsOf(task), 'site'))
  const onHost = tasks.find(needsHost)
  const isSomewhere = where.hosts.length > 0 || where.site !== undefined || where.stage !== undefined
  if (!ofSite && !onHost && !isSomewhere) return { app, hosts: [], site: undefined, notes: [] }
  const about = { needsSite: ofSite !== undefined, needsHost: onHost !== undefined, hasProject }
  const task = (ofSite ?? onHost)?.name ?? lineOf(tasks.map((one) => ({ task: one })))
  return await choose(app, where, { task, ...about, ...knownPlaces(app, cwd) })
}

/** The run that tasks with their arguments come to at that choice of hosts and site. */
export async function prepared(given: readonly Root[], { project, choice, where, how }: Asked): Promise<Prepared> {
  const { app, hosts, site } = choice
  const roots = given.map(({ task, params }) => ({
    task,
    params: site === undefined ? params : { ...params, site: site.name },
  }))
  const secrets = secretsIn(roots.flatMap(({ params }) => Object.values(params)))
  const hidden = [...(await hiddenValues(app, { site, hosts })), ...secrets]
  return {
    request: { app, roots, hosts, site, hidden, cache: privateFolder(), ...how },
    notes: [...project.notes, ...choice.notes],
    stages: stagesOf({ site, known: project.app.sites, stage: where.stage }),
  }
}

interface Asked {
  readonly project: Places
  readonly choice: Choice
  readonly where: Where
  readonly how: How
}

/** A site that `--stage` moves to another stage is still one of its own. */
function stagesOf({
  site,
  known,
  stage,
}: {
  readonly site: Site | undefined
  readonly known: App['sites']
  readonly stage: string | undefined
}): readonly string[] {
  const own = site !== undefined && Object.hasOwn(known, site.name) ? known[site.name]?.stage : undefined
  return [...new Set([site?.stage, own, stage])].filter((name) => name !== undefined)
}
