import type { Event, RunFinished, SiteStatus } from '../core/event.ts'
import type { Drift } from '../core/site-status.ts'
import type { AnyTask } from '../core/task.ts'
import type { RunRequest, RunResult } from './request.ts'
import { SharedConnections } from './shared-connections.ts'

/** Whether a run tells how sites are, so that their drift is wanted. */
export function hasDrift({ roots }: Pick<RunRequest, 'roots'>): boolean {
  return driftTask(roots) !== undefined
}

function driftTask(roots: RunRequest['roots']): AnyTask | undefined {
  return roots.find(({ task }) => task.driftOf !== undefined)?.task.driftOf
}

type Run = (request: RunRequest) => Promise<RunResult>

/**
 * Runs tasks that tell how sites are, and adds to each that the config knows how far it is from what a deploy would make of it: what a dry
 * run says that would change, over the same connection and unheard. A site whose sources are not here, or whose dry run fails, has an
 * unknown drift. The exit code is 1 where a site is not healthy, though the run itself did what was asked.
 */
export async function runWithDrift(given: RunRequest, run: Run): Promise<RunResult> {
  const started = Date.now()
  const shared = new SharedConnections(given.connect)
  const held = new Held(given.emit)
  const request = { ...given, connect: shared.connect, ask: shared.asking(given.ask) }
  try {
    const result = await run({ ...request, emit: held.take })
    let requests = 0
    const statuses: SiteStatus[] = []
    for (const status of held.statuses) {
      const { drift, waited } = await driftOf(request, status, run)
      requests += waited
      statuses.push({ ...status, drift })
    }
    for (const status of statuses) given.emit(status)
    held.finish({ wire: await shared.close(), requests, took: Date.now() - started })
    const isDown = statuses.some(({ health }) => !health.isHealthy)
    return isDown && result.exitCode === 0 ? { ...result, exitCode: 1 } : result
  } finally {
    await shared.close()
  }
}

/** Lets events pass, but for those that are to be told once more is known. */
class Held {
  readonly #emit: RunRequest['emit']
  readonly statuses: SiteStatus[] = []
  #finished: RunFinished | undefined

  constructor(emit: RunRequest['emit']) {
    this.#emit = emit
  }

  readonly take = (event: Event): void => {
    if (event.type === 'site.status') this.statuses.push(event)
    else if (event.type === 'run.finished') this.#finished = event
    else this.#emit(event)
  }

  finish({ wire, requests, took }: Finish): void {
    if (this.#finished === undefined) return
    const all = this.#finished.wire.requests + requests
    this.#emit({ ...this.#finished, wire: { ...wire, requests: all }, took })
  }
}

/** What all runs together come to. */
interface Finish {
  readonly wire: Omit<RunFinished['wire'], 'requests'>
  /** Those of the dry runs. */
  readonly requests: number
  readonly took: number
}

async function driftOf(
  request: RunRequest,
  { site: name, host }: SiteStatus,
  run: Run,
): Promise<{ readonly drift: Drift; readonly waited: number }> {
  const site = Object.hasOwn(request.app.sites, name) ? request.app.sites[name] : undefined
  const hosts = request.hosts.filter((one) => one.name === host)
  const wanted = driftTask(request.roots)
  if (site === undefined || site.host !== host || wanted === undefined)
    return { drift: { kind: 'unknown', because: 'the config does not know it' }, waited: 0 }
  const task: AnyTask = { ...wanted, then: [] }
  const heard: Event[] = []
  const { counts, outcome } = await run({
    ...request,
    ...{ roots: [{ task, params: { site: name } }], site, hosts, mode: 'dry-run', only: [] },
    emit: (event) => void heard.push(event),
  })
  const waited = heard.reduce((sum, event) => sum + (event.type === 'run.finished' ? event.wire.requests : 0), 0)
  if (outcome !== 'done') return { drift: { kind: 'unknown', because: reasonIn(heard) }, waited }
  const steps = counts.wouldChange + counts.after
  return { drift: steps === 0 ? { kind: 'none' } : { kind: 'some', steps }, waited }
}

function reasonIn(events: readonly Event[]): string {
  const failed = events.find((event) => event.type === 'run.failed')
  return failed === undefined ? 'its dry run did not come to an end' : failed.message.replace(/\.$/, '')
}
