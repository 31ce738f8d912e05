import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '../core/connection.ts'
import { isTasksError } from '../core/errors.ts'
import type { Ending } from './conversation.ts'
import type { Line } from './line.ts'
import type { RunRequest } from './request.ts'

const usualRetries = [1, 2, 4, 8, 15, 15, 30, 30, 60, 60, 60]

interface Persistence extends Pick<RunRequest, 'emit' | 'kill' | 'retryAfter'> {
  readonly host: string
  readonly line: Line
  /** Goes on over a new connection where the one before was cut. */
  readonly goOn: (connection: Connection) => Promise<Ending>
}

/** A host goes on without its client: whoever was cut off comes back and reads on, until the run has ended or nothing more is tried. */
export async function toTheEnd(first: Ending, persistence: Persistence): Promise<Ending> {
  const { host, emit, kill, retryAfter = usualRetries } = persistence
  let ending = first
  for (const seconds of retryAfter) {
    if (ending.kind === 'finished') return ending
    emit({ type: 'host.lost', host, because: ending.because, retryInSeconds: seconds })
    if (!(await waited(seconds, kill))) return ending
    ending = await comeBack(persistence, ending)
  }
  return ending
}

async function comeBack({ line, goOn }: Persistence, before: Ending): Promise<Ending> {
  try {
    return await goOn(await line.connect())
  } catch (error) {
    if (isTasksError(error) && error.code === 'unreachable') return before
    throw error
  }
}

async function waited(seconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(seconds * 1000, undefined, { signal })
    return true
  } catch {
    return false
  }
}
