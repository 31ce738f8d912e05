import { parseAddress } from '../config/address.ts'
import {
  aliasProblem,
  labelProblem,
  lineProblem,
  normalSiteName,
  pathProblem,
  siteNameProblem,
} from '../config/names.ts'
import { isTasksError } from '../core/errors.ts'
import type { ProjectKind } from './project.ts'

/** All that a config is written from. */
export interface Answers {
  readonly kind: ProjectKind
  /** Where the application is, relative to the config. */
  readonly directory: string
  readonly host?: NamedHost | undefined
  readonly site?: NamedSite | undefined
}

/** A host and what the config calls it. */
export interface NamedHost {
  readonly name: string
  readonly address?: string | undefined
  readonly port?: number | undefined
  readonly user?: string | undefined
}

export interface NamedSite {
  readonly name: string
  readonly aliases: readonly string[]
  readonly stage: string
  readonly dotenv?: string | undefined
}

/** Why an answer cannot be taken, as a sentence; nothing where it can. Answers are written as a person types them. */
export const answerProblems = {
  host: (text: string) => thrownBy(() => parseAddress(text)),
  site: (text: string) => sentence(text, 'a site', siteNameProblem(text)),
  aliases: (text: string) =>
    words(text)
      .map((word) => sentence(word, 'an alias', aliasProblem(word)))
      .find((problem) => problem !== undefined),
  stage: (text: string) => sentence(text, 'a stage', labelProblem(text)),
  dotenv: (text: string) => sentence(text, 'a dotenv file', dotenvProblem(text)),
} as const

/** A bare word is an alias of ssh_config or a sandbox host, and is called what it is. */
export function hostOf(text: string): NamedHost {
  const address = parseAddress(text)
  const isBare = address.user === undefined && address.port === undefined && !/[.:]/.test(text)
  return isBare && labelProblem(text) === undefined ? { name: text } : { name: 'web1', ...address }
}

/** The other names of a site, each once. */
export function aliasesOf(text: string, site: string): readonly string[] {
  const names = new Map(words(text).map((word) => [normalSiteName(word), word]))
  names.delete(normalSiteName(site))
  return [...names.values()]
}

/** What a site's name says of its stage. */
export function stageOf(site: string): string {
  return /(^|[.-])(staging|stage|test|dev)([.-]|$)/i.exec(site)?.[2]?.toLowerCase() ?? 'production'
}

function words(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '')
}

/** A file that is made: it must be in the project's folder, and be nothing else there. */
function dotenvProblem(text: string): string | undefined {
  const problem = pathProblem(text) ?? lineProblem(text)
  if (problem !== undefined) return problem
  return /^(\.\/)*$|\/$/.test(text) ? 'it names a folder' : undefined
}

function sentence(text: string, what: string, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `Cannot use ${JSON.stringify(text)} as ${what}, because ${problem}.`
}

function thrownBy(parse: () => unknown): string | undefined {
  try {
    parse()
    return undefined
  } catch (error) {
    if (isTasksError(error)) return error.message
    throw error
  }
}
