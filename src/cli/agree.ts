import { TasksError } from '../core/errors.ts'
import { printableLine } from '../render/printable.ts'
import { lineOf, plan } from '../run/graph.ts'
import { argumentWords } from './argument-words.ts'
import type { Change } from './confirm.ts'
import type { SharedFlags } from './flags.ts'

/**
 * Lets a run go on none of whose tasks says that it must be agreed to. Of any other a person is asked in the task's words; `--yes` agrees
 * beforehand, and so does `--confirm`. Throws `usage` errors, and `interrupted` on Ctrl-C: nothing was connected to.
 */
export async function agreed(change: Change, flags: SharedFlags): Promise<void> {
  const isAnswered = flags.yes === true || flags.confirm !== undefined
  if (isAnswered || flags.printScript === true || change.request.mode === 'dry-run') return
  for (const { task, params } of plan(change.request)) {
    if (task.confirm !== undefined) await ask(filled(task.confirm, change, params), lineOf(change.request.roots))
  }
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
