import type { Note } from '../config/complete-app.ts'
import { TasksError } from '../core/errors.ts'
import type { Emit } from '../core/event.ts'
import { printScript, type RunRequest, type RunResult, run } from '../run/index.ts'
import { connectLocal } from '../transport/local.ts'
import { connecting } from './connect-to.ts'
import type { Prepared } from './prepare.ts'

/** Who is told of a run, who answers its questions, and who ends it. */
export type Listener = Pick<RunRequest, 'emit' | 'ask' | 'stop' | 'kill'>

/** Does what was prepared; failures of hosts and people are events and an exit code. */
export async function perform(prepared: Prepared, listener: Listener): Promise<RunResult> {
  return await run(whole(prepared, listener))
}

/** The program of what was prepared, as a script for a person. Nothing is connected to. */
export async function scriptOf(
  prepared: Prepared,
  listener: Listener,
  { includeSecrets }: { readonly includeSecrets?: boolean | undefined },
): Promise<string> {
  const { length } = prepared.request.hosts
  if (length > 1) {
    throw new TasksError({
      code: 'usage',
      message: `Cannot print one script for ${length} hosts, because each gets its own.`,
      hint: 'name one: --host HOST',
    })
  }
  return await printScript({ ...whole(prepared, listener), includeSecrets })
}

function whole({ request, notes }: Prepared, listener: Listener): RunRequest {
  for (const note of notes) tell(listener.emit, note)
  return { ...request, ...listener, connect: connecting(), connectLocal }
}

function tell(emit: Emit, { level, message, hint }: Note): void {
  emit({ type: 'note.told', level, message, ...(hint === undefined ? {} : { hint }) })
}
