import { TasksError } from '../core/errors.ts'
import { agreementsIn, type Change } from '../project/consent.ts'
import { lineOf } from '../run/graph.ts'
import type { SharedFlags } from './flags.ts'

/**
 * Lets a run go on none of whose tasks says that it must be agreed to. Of any other a person is asked in the task's words; `--yes` agrees
 * beforehand, and so does `--confirm`. Throws `usage` errors, and `interrupted` on Ctrl-C: nothing was connected to.
 */
export async function agreed(change: Change, flags: SharedFlags): Promise<void> {
  if (flags.yes === true || flags.confirm !== undefined || flags.printScript === true) return
  for (const words of agreementsIn(change)) await ask(words, lineOf(change.request.roots))
}

async function ask(words: string, line: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new TasksError({
      code: 'usage',
      message: `Cannot run "${line}", because it must be agreed to, and standard input is not a terminal to ask on: ${words}.`,
      hint: 'add --yes',
    })
  }
  const { confirmed } = await import('./prompts.ts')
  if (await confirmed(`${words}. Go on?`)) return
  throw new TasksError({ code: 'usage', message: 'Stopped before anything was done, because the answer was no.' })
}
