import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import type { App, Host, Site } from '../core/app.ts'
import { TasksError } from '../core/errors.ts'
import { type Address, parseAddress } from './address.ts'
import type { ChoiceContext } from './choice-context.ts'
import {
  noHost,
  noProject,
  notOneSite,
  tooManyHosts,
  unknownGroup,
  unknownHost,
  unknownSite,
} from './choice-refusals.ts'
import { type Note, nameNotes } from './complete-app.ts'
import { labelProblem, normalSiteName, siteNameProblem } from './names.ts'
import { didYouMean, nearest } from './suggestion.ts'

/** What the person's flags say about where. */
export interface Wanted {
  readonly hosts: readonly string[]
  readonly site?: string | undefined
  readonly stage?: string | undefined
}

export interface Choice {
  /** With the hosts and the site that only flags named. */
  readonly app: App
  readonly hosts: readonly Host[]
  readonly site: Site | undefined
  readonly notes: readonly Note[]
}

/** Which hosts and which site a run is for: flags before config before what can be told. Throws `usage` errors that say what to add. */
export async function choose(app: App, wanted: Wanted, context: ChoiceContext): Promise<Choice> {
  if (wanted.stage !== undefined) stageNamed(app, wanted.stage, context)
  const words = wanted.hosts.flatMap((word) => membersOf(app, word, context))
  const named = await Promise.all(
    words.map(async (word): Promise<Host> => ({ ...(await hostNamed(app, word, context)), isNamed: true })),
  )
  if (context.needsSite && named.length > 1) throw tooManyHosts(named.length, context)
  const { site, notes } = chooseSite(app, { ...wanted, hosts: words, firstHost: named[0] }, context)
  const isAnywhere = named.length > 0 || !context.needsHost
  const fromConfig = isAnywhere ? named : await hostsOfConfig(app, { site, stage: wanted.stage }, context)
  if (fromConfig.length === 0 && context.needsHost) throw noHost(context)
  if (site?.stage !== undefined) refuseMissingDotenv(app, site.stage, context)
  const hosts = [...new Map(fromConfig.map((host) => [host.name, host])).values()]
  const isOfStage = site === undefined && named.length === 0 && wanted.stage !== undefined
  const known = isOfStage ? ofStage(app, wanted.stage) : app
  return { app: withChosen(known, hosts, site), hosts, site, notes }
}

/** The app as if it had the sites of one stage alone. */
function ofStage(app: App, stage: string | undefined): App {
  return { ...app, sites: Object.fromEntries(Object.entries(app.sites).filter(([, site]) => site.stage === stage)) }
}

function chooseSite(
  app: App,
  { site: word, stage, hosts, firstHost }: Wanted & { readonly firstHost: Host | undefined },
  context: ChoiceContext,
): { readonly site: Site | undefined; readonly notes: readonly Note[] } {
  if (word !== undefined) return siteNamed(app, { word, stage, host: firstHost }, context)
  if (!context.needsSite) return { site: undefined, notes: [] }
  if (!context.hasProject) throw noProject(app, context)
  const candidates = Object.values(app.sites).filter((site) => isWanted(site, { stage, hosts }))
  const [only, ...others] = candidates
  if (only === undefined || others.length > 0) throw notOneSite(app, candidates, context)
  return { site: firstHost === undefined ? only : { ...only, host: firstHost.name }, notes: [] }
}

function isWanted(site: Site, { stage, hosts }: Pick<Wanted, 'stage' | 'hosts'>): boolean {
  return (stage === undefined || site.stage === stage) && (hosts.length === 0 || hosts.includes(site.host))
}

function siteNamed(
  app: App,
  { word, stage, host }: { readonly word: string; readonly stage: string | undefined; readonly host: Host | undefined },
  context: ChoiceContext,
): { readonly site: Site; readonly notes: readonly Note[] } {
  const problem = siteNameProblem(word)
  if (problem !== undefined) {
    throw new TasksError({
      code: 'usage',
      message: `Cannot use ${JSON.stringify(word)} as a site, because ${problem}.`,
    })
  }
  if (!context.hasProject) throw noProject(app, context)
  const name = normalSiteName(word)
  const known = own(app.sites, name)
  if (known !== undefined) return { site: changed(known, { host, stage }), notes: [] }
  if (host === undefined) throw unknownSite(app, name, context)
  return {
    site: { name, host: host.name, stage, aliases: [] },
    notes: [...nameNotes(word, word), ...slipNotes(app, name)],
  }
}

function changed(
  site: Site,
  { host, stage }: { readonly host: Host | undefined; readonly stage: string | undefined },
): Site {
  return { ...site, host: host?.name ?? site.host, stage: stage ?? site.stage }
}

function slipNotes(app: App, name: string): readonly Note[] {
  const meant = nearest(name, Object.keys(app.sites))
  if (meant === undefined) return []
  return [
    {
      level: 'warning',
      message: `The config has no site "${name}", but it has "${meant}".`,
      hint: `did you mean "${meant}"?`,
    },
  ]
}

/** `@web` stands for all hosts of the group. */
function membersOf({ groups = {} }: App, word: string, { configName }: ChoiceContext): readonly string[] {
  if (!word.startsWith('@') || labelProblem(word.slice(1)) !== undefined) return [word]
  const members = own(groups, word.slice(1))
  if (members === undefined) throw unknownGroup(word, Object.keys(groups), configName)
  if (members.length > 0) return members
  throw new TasksError({ code: 'usage', message: `Cannot use ${word}, because no host is in that group.` })
}

/** A host that `--host` names: of the config, a sandbox host, or one that is reached by its address. */
async function hostNamed(app: App, word: string, context: ChoiceContext): Promise<Host> {
  const known = own(app.hosts, word)
  if (known !== undefined) return await reachable(known, context)
  const sandboxed = await context.sandboxHost(word)
  if (sandboxed !== undefined) return sandboxed
  const address = parseAddress(word)
  const isBare = /^[^.:@]+$/.test(word)
  if (isBare && !(await context.isKnownElsewhere(word))) throw await unknownHost(app, word, context)
  return { ...address, name: nameOf(address) }
}

/** Shorter than what was typed, and still another name for another machine. */
function nameOf({ address, port }: Address): string {
  if (port === undefined) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** A host of the config that gives no address may be a sandbox host of the same name. */
async function reachable(host: Host, { sandboxHost }: ChoiceContext): Promise<Host> {
  const sandboxed = host.address === host.name ? await sandboxHost(host.name) : undefined
  return sandboxed === undefined ? host : { ...sandboxed, siteUser: host.siteUser ?? sandboxed.siteUser }
}

async function hostsOfConfig(
  app: App,
  { site, stage }: { readonly site: Site | undefined; readonly stage: string | undefined },
  context: ChoiceContext,
): Promise<readonly Host[]> {
  const all = Object.values(app.hosts)
  const ofStage = new Set(Object.values(app.sites).flatMap((one) => (one.stage === stage ? [one.host] : [])))
  const wanted = all.filter(({ name }) =>
    site === undefined ? stage === undefined || ofStage.has(name) : name === site.host,
  )
  return await Promise.all(wanted.map((host) => reachable(host, context)))
}

function withChosen(app: App, hosts: readonly Host[], site: Site | undefined): App {
  const chosen = Object.fromEntries(hosts.map((host) => [host.name, host]))
  return {
    ...app,
    hosts: { ...app.hosts, ...chosen },
    sites: site === undefined ? app.sites : { ...app.sites, [site.name]: site },
  }
}

function stageNamed(app: App, stage: string, { configName }: ChoiceContext): void {
  if (own(app.stages, stage) !== undefined) return
  const known = Object.keys(app.stages)
  throw new TasksError({
    code: 'usage',
    message: `Cannot find stage ${JSON.stringify(stage)}, because ${configName ?? 'there is no config, and so it'} has no such stage.`,
    hint: didYouMean(
      stage,
      known,
      known.length === 0 ? 'add it to stages in the config' : `use one of: ${known.join(', ')}`,
    ),
  })
}

function refuseMissingDotenv(app: App, stage: string, { configName = 'config' }: ChoiceContext): void {
  const file = own(app.stages, stage)?.dotenv
  if (file === undefined || (existsSync(file) && statSync(file).isFile())) return
  throw new TasksError({
    code: 'config',
    message: `${configName}: stages.${stage}.dotenv: there is no file "${path.relative(app.root, file)}".`,
    hint: 'make the file, or take the key away',
  })
}

/** What a record says itself: names such as `constructor` must not find what every object has. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
