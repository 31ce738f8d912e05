import { TasksError } from '../core/errors.ts'
import { agreementsIn, type Change, protectedIn, protectionWords, refuseOtherSubject } from '../project/consent.ts'
import { lineOf } from '../run/graph.ts'
import type { RunOptions } from './options.ts'

/** Refuses what somebody must agree to, and has not: a program says so beforehand, with `confirm` or `yes`. */
export function refuseUnagreed(change: Change, { confirm, yes }: Pick<RunOptions, 'confirm' | 'yes'>): void {
  if (confirm !== undefined) refuseOtherSubject(confirm, change, confirmation)
  if (confirm !== undefined || yes === true) return
  const guarded = protectedIn(change)
  if (guarded !== undefined) {
    throw new TasksError({
      code: 'usage',
      message: `Cannot ${protectionWords(change, guarded)}, and nobody has confirmed it.`,
      hint: `add ${confirmation.written(guarded.subject)}`,
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

const confirmation = { called: 'confirm', written: (subject: string) => `confirm: '${subject}'` }
