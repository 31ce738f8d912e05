import { TasksError } from '../core/errors.ts'
import { agreementsIn, type Change, otherThan, protectedIn, protectionWords, subjectOf } from '../project/consent.ts'
import { lineOf } from '../run/graph.ts'
import type { RunOptions } from './options.ts'

/** Refuses what somebody must agree to, and has not: a program says so beforehand, with `confirm` or `yes`. */
export function refuseUnagreed(change: Change, { confirm, yes }: Pick<RunOptions, 'confirm' | 'yes'>): void {
  if (confirm !== undefined) refuseOther(confirm, change)
  if (confirm !== undefined || yes === true) return
  const guarded = protectedIn(change)
  if (guarded !== undefined) {
    throw new TasksError({
      code: 'usage',
      message: `Cannot ${protectionWords(change, guarded)} is protected, and nobody has confirmed it.`,
      hint: `add confirm: '${guarded.subject}'`,
    })
  }
  const [words] = agreementsIn(change)
  if (words === undefined) return
  throw new TasksError({
    code: 'usage',
    message: `Cannot run "${lineOf(change.request.roots)}", because it must be agreed to: ${words}.`,
    hint: 'add yes: true',
  })
}

function refuseOther(confirm: string, change: Change): void {
  const what = otherThan(confirm, change)
  if (what === undefined) return
  const subject = subjectOf(change)
  throw new TasksError({
    code: 'usage',
    message: `Cannot ${lineOf(change.request.roots)}, because confirm says ${JSON.stringify(confirm)}, and it is for ${what}.`,
    hint:
      subject === undefined ? 'leave confirm out, or name one host' : `look again; then write: confirm: '${subject}'`,
  })
}
