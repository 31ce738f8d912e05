import type { App } from '../core/app.ts'
import { TasksError } from '../core/errors.ts'
import { argumentWords } from '../project/argument-words.ts'
import {
  type Change,
  isSameSubject,
  otherThan,
  type Protected,
  protectedIn,
  protectionWords,
  subjectOf,
} from '../project/consent.ts'
import { lineOf, plan, type Root } from '../run/graph.ts'
import { commitAt } from '../source/commit.ts'
import type { SharedFlags } from './flags.ts'

/**
 * Lets a run go on that changes nothing, or nothing protected. Of any other a person types the name, after reading what will be done;
 * `--confirm` gives that name beforehand, and `--yes` agrees. Throws `usage` errors, and `interrupted` on Ctrl-C: nothing was connected to.
 */
export async function confirmed(change: Change, flags: SharedFlags): Promise<void> {
  if (flags.confirm !== undefined) refuseOtherName(flags.confirm, change)
  if (flags.confirm !== undefined || flags.yes === true || flags.printScript === true) return
  const guarded = protectedIn(change)
  if (guarded === undefined) return
  if (!process.stdin.isTTY) throw unconfirmed(change, guarded)
  const { subject, stage } = guarded
  const { typed } = await import('./prompts.ts')
  const lines = [`This changes ${subject}: its stage "${stage}" is protected.`, ...(await facts(change.request))]
  const answer = await typed(lines.join('\n'), `Type ${subject} to go on:`)
  if (!isSameSubject(answer, subject)) throw otherAnswer(subject)
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

function unconfirmed(change: Change, guarded: Protected): TasksError {
  return new TasksError({
    code: 'usage',
    message: `Cannot ${protectionWords(change, guarded)} is protected, and standard input is not a terminal to confirm it on.`,
    hint: `add --confirm ${guarded.subject}`,
  })
}

function refuseOtherName(word: string, change: Change): void {
  const what = otherThan(word, change)
  if (what === undefined) return
  const subject = subjectOf(change)
  throw new TasksError({
    code: 'usage',
    message: `Cannot ${lineOf(change.request.roots)}, because --confirm says ${JSON.stringify(word)}, and it is for ${what}.`,
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
