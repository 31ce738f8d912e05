import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { TasksError } from '../core/errors.ts'

/**
 * Runs `work` while this process alone, of all on the machine, holds the lock on `path` (a file or a folder).
 * A lock dies with its holder: it is held by a child whose standard input we keep open.
 */
export async function locked<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
  const holder = spawn('flock', [path, 'sh', '-c', 'echo; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = once(holder, 'close')
  const isHeld = await Promise.race([once(holder.stdout, 'data').then(() => true), ended.then(() => false)])
  if (!isHeld) throw new TasksError({ code: 'failed', message: `Cannot lock "${path}".` })
  try {
    return await work()
  } finally {
    holder.stdin.end()
    await ended
  }
}
