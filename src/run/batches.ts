import type { RunFailed } from '../core/event.ts'
import type { HostSession } from './host-session.ts'
import type { RunRequest } from './request.ts'

/**
 * Lets hosts do their part: so many at a time, and where batches are wanted, all of one before the next. Once more have failed than may, no
 * other host begins; those are told together, and count as interrupted.
 */
export async function inBatches(
  sessions: readonly HostSession[],
  request: Pick<RunRequest, 'jobs' | 'batch' | 'maxFailures' | 'emit'>,
  work: (session: HostSession) => Promise<void>,
): Promise<void> {
  const { jobs, batch = sessions.length, maxFailures = request.batch === undefined ? Infinity : 0, emit } = request
  const failures = () => sessions.filter(({ outcome }) => outcome !== 'done').length
  const left: HostSession[] = []
  for (let first = 0; first < sessions.length; first += batch) {
    await atOnce(sessions.slice(first, first + batch), jobs, async (session) => {
      if (failures() <= maxFailures) await work(session)
      else left.push(session)
    })
  }
  if (left.length > 0) emit(leftWords(left, failures()))
  for (const session of left) session.leaveOut()
}

async function atOnce<T>(items: readonly T[], jobs: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(jobs, waiting.length) }, worker))
}

function leftWords(left: readonly HostSession[], failures: number): RunFailed {
  const names = left.map(({ host }) => host.name)
  const [they, hosts] = [names.length === 1 ? 'it was' : 'they were', failures === 1 ? 'host' : 'hosts']
  return {
    type: 'run.failed',
    code: 'failed',
    message: `Left ${names.join(', ')} as ${they}, because ${failures} ${hosts} before failed.`,
    hint: `go on there with: --host ${names.join(',')}`,
  }
}
