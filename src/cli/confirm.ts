import { normalSiteName } from '../config/names.ts'
import type { App } from '../core/app.ts'
import { TasksError } from '../core/errors.ts'
import { lineOf, plan, type Root } from '../run/graph.ts'
import type { RunRequest } from '../run/index.ts'
import { commitAt } from '../source/commit.ts'
import { argumentWords } from './argument-words.ts'
import type { SharedFlags } from './flags.ts'

/** A run that is about to begin, as far as somebody must agree to it. */
export interface Change {
  readonly request: Pick<RunRequest, 'app' | 'roots' | 'hosts' | 'site' | 'mode' | 'only'>
  /** The stages that it is for: its site's in the config, and what `--stage` says. */
  readonly stages: readonly string[]
}

/**
 * Lets a run go on that changes nothing, or nothing protected. Of any other a person types the name, after reading what will be done;
 * `--confirm` gives that name beforehand, and `--yes` agrees. Throws `usage` errors, and `interrupted` on Ctrl-C: nothing was connected to.
 */
export async function confirmed(change: Change, flags: SharedFlags): Promise<void> {
  const subject = subjectOf(change)
  if (flags.confirm !== undefined) return refuseOtherName(flags.confirm, { change, subject })
  const stage = change.stages.find((name) => change.request.app.stages[name]?.protected === true)
  if (stage === undefined || subject === undefined || flags.yes === true) return
  if (flags.printScript === true || !isChanging(change.request)) return
  if (!process.stdin.isTTY) throw unconfirmed(change, { subject, stage })
  const { typed } = await import('./prompts.ts')
  const lines = [`This changes ${subject}: its stage "${stage}" is protected.`, ...(await facts(change.request))]
  const answer = await typed(lines.join('\n'), `Type ${subject} to go on:`)
  if (!isSame(answer, subject)) throw otherAnswer(subject)
}

/** What the run is for, as one would call it: a site; where none is named, a stage, or else a host. */
function subjectOf({ request: { site, hosts }, stages }: Change): string | undefined {
  const [stage] = stages
  const [host, ...others] = hosts
  return site?.name ?? stage ?? (others.length === 0 ? host?.name : undefined)
}

/** A dry run, and steps that take no lock, only look. */
function isChanging({ mode, ...asked }: Change['request']): boolean {
  return mode !== 'dry-run' && plan(asked).some(({ task }) => task.lock !== 'none' || task.run !== undefined)
}

async function facts(request: Change['request']): Promise<readonly string[]> {
  const { roots, hosts, mode } = request
  const line = lineOf(roots)
  const chain = plan(request).map(({ label }) => label)
  const others = chain.join(' ') === line ? '' : ` (${chain.join(', ')})`
  const rows = [
    [roots.length === 1 ? 'task' : 'tasks', `${line}${others}${mode === 'step' ? ', step by step' : ''}`],
    [hosts.length === 1 ? 'host' : 'hosts', hosts.map(({ name, address }) => hostWords(name, address)).join(', ')],
    ...(await argumentRows(request)),
  ]
  const width = Math.max(...rows.map(([key = '']) => key.length))
  return rows.map(([key = '', value = '']) => `  ${key.padEnd(width)}  ${value}`)
}

function hostWords(name: string, address: string): string {
  return name === address ? name : `${name} (${address})`
}

/** Of several tasks each argument has its task's name. */
async function argumentRows({ app, roots }: Change['request']): Promise<readonly string[][]> {
  const rows = await Promise.all(roots.map((root) => rowsOf(root, app)))
  if (rows.length === 1) return rows.flat()
  return roots.flatMap(({ task }, index) =>
    (rows[index] ?? []).map(([name, value = '']) => [`${task.name} ${name}`, value]),
  )
}

async function rowsOf({ task, params }: Root, app: App): Promise<readonly string[][]> {
  const given = Object.entries(params).filter(
    ([name, value]) => name !== 'site' && value !== undefined && value !== false,
  )
  return await Promise.all(
    given.map(async ([name, value]) => {
      const isRevision = task.params[name]?.placeholder === 'REF' && app.project.repository === undefined
      if (isRevision) return [name, await revision(app.root, String(value))]
      return [name, argumentWords(value) ?? '']
    }),
  )
}

async function revision(folder: string, ref: string): Promise<string> {
  const { id, subject } = await commitAt(folder, ref)
  return `${ref}, ${id.slice(0, 12)} ${subject}`
}

/** As DNS compares names. */
function isSame(typed: string, subject: string): boolean {
  const word = typed.trim()
  return word === subject || (word !== '' && normalSiteName(word) === normalSiteName(subject))
}

interface About {
  readonly subject: string
  readonly stage: string
}

function unconfirmed({ request: { roots } }: Change, { subject, stage }: About): TasksError {
  const of = subject === stage ? '' : ` of "${subject}"`
  return new TasksError({
    code: 'usage',
    message: `Cannot ${lineOf(roots)}, because stage "${stage}"${of} is protected, and standard input is not a terminal to confirm it on.`,
    hint: `add --confirm ${subject}`,
  })
}

function refuseOtherName(
  word: string,
  { change, subject }: { readonly change: Change; readonly subject: string | undefined },
): void {
  if (subject !== undefined && isSame(word, subject)) return
  const { roots, hosts } = change.request
  const what = subject === undefined ? `${hosts.length} hosts` : `"${subject}"`
  throw new TasksError({
    code: 'usage',
    message: `Cannot ${lineOf(roots)}, because --confirm says ${JSON.stringify(word)}, and it is for ${what}.`,
    hint:
      subject === undefined ? 'leave --confirm out, or name one host' : `look again; then write: --confirm ${subject}`,
  })
}

function otherAnswer(subject: string): TasksError {
  return new TasksError({
    code: 'usage',
    message: `Stopped before anything was done, because that is not "${subject}".`,
    hint: 'run the same command again, and type the name as it stands there',
  })
}
