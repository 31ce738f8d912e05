import { shellHost } from './shell-host.ts'
import type { TryArguments, Tryable } from './try-task.ts'

/**
 * Whether a task's steps, run twice in a temporary folder, change nothing the second time, and whether a dry run has said what the first time would
 * change. `shellHost().twice` tells which of them do not. Rejects where a step fails.
 */
export async function isIdempotent<W extends Tryable>(what: W, ...[options]: TryArguments<W>): Promise<boolean> {
  const host = await shellHost()
  try {
    return (await host.twice(what, ...([options] as never))).isIdempotent // the same options
  } finally {
    await host.remove()
  }
}
