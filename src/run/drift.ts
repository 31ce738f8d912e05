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
    const wire = { ...(await shared.close()), requests: result.wire.requests + requests }
    held.finish({ wire, took: Date.now() - started })
    const isDown = statuses.some(({ health }) => !health.isHealthy)
    return { ...result, wire, exitCode: isDown && result.exitCode === 0 ? 1 : result.exitCode }
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

  /** Tells the end with what all runs together came to. */
  finish(all: Pick<RunFinished, 'wire' | 'took'>): void {
    if (this.#finished !== undefined) this.#emit({ ...this.#finished, ...all })
  }
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
  const { counts, outcome, wire } = await run({
    ...request,
    ...{ roots: [{ task, params: { site: name } }], site, hosts, mode: 'dry-run', only: [] },
    emit: (event) => void heard.push(event),
  })
  const waited = wire.requests
  if (outcome !== 'done') return { drift: { kind: 'unknown', because: reasonIn(heard) }, waited }
  const steps = counts.wouldChange + counts.after
  return { drift: steps === 0 ? { kind: 'none' } : { kind: 'some', steps }, waited }
}

function reasonIn(events: readonly Event[]): string {
  const failed = events.find((event) => event.type === 'run.failed')
  return failed === undefined ? 'its dry run did not come to an end' : failed.message.replace(/\.$/, '')
}
