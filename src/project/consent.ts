import { normalSiteName } from '../config/names.ts'
import { printableLine } from '../render/printable.ts'
import { lineOf, plan } from '../run/graph.ts'
import type { RunRequest } from '../run/index.ts'
import { argumentWords } from './argument-words.ts'

/** A run that is about to begin, as far as somebody must agree to it. */
export interface Change {
  readonly request: Pick<RunRequest, 'app' | 'roots' | 'hosts' | 'site' | 'mode' | 'only'>
  /** The stages that it is for: its site's in the config, and the one that was named. */
  readonly stages: readonly string[]
}

/** What must be named by whoever wants a change: its site (or stage, or host), and the protected stage that it is of. */
export interface Protected {
  readonly subject: string
  readonly stage: string
}

/** What somebody must name before this is done; nothing where it changes nothing, or nothing protected. */
export function protectedIn(change: Change): Protected | undefined {
  const subject = subjectOf(change)
  const stage = change.stages.find((name) => change.request.app.stages[name]?.protected === true)
  return stage === undefined || subject === undefined || !isChanging(change.request) ? undefined : { subject, stage }
}

/** What the run is for, as one would call it: a site; where none is named, a stage, or else a host. */
export function subjectOf({ request: { site, hosts }, stages }: Change): string | undefined {
  const [stage] = stages
  const [host, ...others] = hosts
  return site?.name ?? stage ?? (others.length === 0 ? host?.name : undefined)
}

/** `deploy, because stage "production" of "example.com"`, to stand between "Cannot" and "is protected". */
export function protectionWords({ request: { roots } }: Change, { subject, stage }: Protected): string {
  const of = subject === stage ? '' : ` of "${subject}"`
  return `${lineOf(roots)}, because stage "${stage}"${of}`
}

/** As DNS compares names. */
export function isSameSubject(typed: string, subject: string): boolean {
  const word = typed.trim()
  return word === subject || (word !== '' && normalSiteName(word) === normalSiteName(subject))
}

/** What a run is for, where that is not what was confirmed beforehand. */
export function otherThan(word: string, change: Change): string | undefined {
  const subject = subjectOf(change)
  if (subject !== undefined) return isSameSubject(word, subject) ? undefined : `"${subject}"`
  return `${change.request.hosts.length} hosts`
}

/** The sentences of its tasks that somebody must agree to, as they are for this run. A dry run does nothing that need be agreed to. */
export function agreementsIn(change: Change): readonly string[] {
  if (change.request.mode === 'dry-run') return []
  return plan(change.request).flatMap(({ task, params }) =>
    task.confirm === undefined ? [] : [filled(task.confirm, change, params)],
  )
}

/** A dry run, and steps that take no lock, only look. */
function isChanging({ mode, ...asked }: Change['request']): boolean {
  return mode !== 'dry-run' && plan(asked).some(({ task }) => task.lock !== 'none' || task.run !== undefined)
}

/** The task's sentence, with what stands in braces as it is for this run. A secret stays one. */
function filled(sentence: string, { request, stages }: Change, params: Readonly<Record<string, unknown>>): string {
  const { site, hosts } = request
  const places: Readonly<Record<string, unknown>> = {
    site: site?.name,
    stage: stages[0],
    host: hosts.map(({ name }) => name).join(', '),
  }
  const value = (name: string) => (Object.hasOwn(params, name) ? params[name] : places[name])
  const text = sentence.replace(/\{(\w+)\}/g, (braces, name: string) => argumentWords(value(name)) ?? braces)
  return printableLine(text).replace(/\.$/, '')
}
