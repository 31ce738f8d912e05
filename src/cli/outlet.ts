import type { Ask } from '../core/ask.ts'
import { isTasksError } from '../core/errors.ts'
import type { Event } from '../core/event.ts'
import { createRenderer, type Renderer } from '../render/renderer.ts'
import { type Ending, endingOf } from './ending.ts'
import type { SharedFlags } from './flags.ts'
import type { Signals } from './signals.ts'

export type OutputFlags = Pick<SharedFlags, 'json' | 'plain' | 'verbose' | 'quiet'>

/** What shows events to whoever asked: a tree on a terminal, lines elsewhere, or JSON. */
export function rendererFor({ json, plain, verbose, quiet }: OutputFlags): Renderer {
  const { stdout, stderr } = process
  const isLive = stderr.isTTY === true && process.env.TERM !== 'dumb'
  return createRenderer({
    kind: json === true ? 'json' : plain === true || !isLive ? 'plain' : 'tree',
    level: quiet === true ? 'quiet' : verbose === true ? 'verbose' : 'normal',
    stdout,
    stderr,
    colors: isLive && stdout.isTTY === true && !process.env.NO_COLOR,
    columns: () => stderr.columns ?? 80,
  })
}

/** Nobody can be asked where standard input is no terminal: then each question is absent, and its lack is told by whoever needed it. */
export async function asksOf(
  renderer: Pick<Renderer, 'whileAsking'>,
  { kill, interrupt }: Pick<Signals, 'kill' | 'interrupt'>,
): Promise<Ask> {
  if (!process.stdin.isTTY) return {}
  const { promptsOnTerminal } = await import('./prompts.ts')
  return promptsOnTerminal({ whileAsking: renderer.whileAsking, kill, interrupt })
}

/** Programs that read events learn from one, too, why there was no run. */
export function withEvent(error: unknown): Ending {
  if (!isTasksError(error)) return endingOf(error)
  const { code, message, hint } = error
  const event: Event = { type: 'run.failed', code, message, ...(hint === undefined ? {} : { hint }) }
  return { ...endingOf(error), out: `${JSON.stringify(event)}\n` }
}
