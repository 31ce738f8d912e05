import { randomBytes } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import type { Host } from '../core/app.ts'
import { noCounts } from '../core/counts.ts'
import { exitCodes, isTasksError } from '../core/errors.ts'
import type { PastRun } from '../core/past-run.ts'
import type { RunHead } from '../program/bootstrap.ts'
import { Follower } from './follower.ts'
import { type Judgement, judge } from './judgement.ts'
import { Line } from './line.ts'
import { toTheEnd } from './persistence.ts'
import type { AttachRequest, RunResult } from './request.ts'
import { tellFailure } from './tellings.ts'

/**
 * Follows somebody's run on a host as if it had been started here: from its beginning to its end, or all at once when it has ended.
 * `stop` and `kill` leave the run alone and end the following. The result, exit code and all, is that of the run.
 */
export async function attach(request: AttachRequest): Promise<RunResult> {
  const { host, ask } = request
  const line = new Line(request, host)
  const sender = { host: host.name, head: ownHead(request), ask, passwords: new Map(), waited: () => line.waited() }
  const follower = new Follower(request, sender)
  try {
    return finish(request, { line, follower, judged: await followed(request, line, follower) })
  } catch (error) {
    if (!isTasksError(error)) throw error
    const outcome = error.code === 'interrupted' ? 'unknown' : 'failed'
    return finish(request, { line, follower, judged: { outcome, error } })
  } finally {
    await line.close()
  }
}

async function followed(request: AttachRequest, line: Line, follower: Follower): Promise<Judgement> {
  const { host, emit } = request
  emit({ type: 'host.connecting', host: host.name, address: host.address })
  const connection = await line.connect()
  emit({ type: 'host.connected', host: host.name, user: connection.user })
  const first = await follower.hear(connection)
  const goOn = follower.hear.bind(follower)
  const ending = follower.story ? await toTheEnd(first, { ...request, host: host.name, line, goOn }) : first
  return judge({ host: host.name, failure: follower.story?.narrator.failure, ...hints(request, follower) }, ending)
}

/** Nobody waits for this one, and it leaves nothing. */
function ownHead({ run }: AttachRequest): RunHead {
  const marker = `tasks-${randomBytes(16).toString('hex')}`
  const holder = { user: userInfo().username, machine: hostname(), since: new Date().toISOString(), task: 'attach' }
  return { marker, run: run ?? 'last', mode: 'run', wait: false, holder }
}

function hints({ host }: AttachRequest, { story }: Follower) {
  const again = story ? `${commandOf(story.past, host)}` : 'run the same command again'
  return {
    again: `go on from there with: ${again}`,
    whenLost: 'run the same command again: it tells the run from its beginning',
  }
}

function commandOf({ task, site }: PastRun, { name }: Host): string {
  return `tasks ${task} ${site === undefined ? `--host ${name}` : `--site ${site}`}`
}

function finish(
  request: AttachRequest,
  { line, follower, judged }: { readonly line: Line; readonly follower: Follower; readonly judged: Judgement },
): RunResult {
  const { host, emit } = request
  const { outcome, error } = judged
  const { past, narrator, took } = follower.story ?? {}
  const counts = narrator?.counts ?? noCounts
  if (error) tellFailure(request, host, error, error.code === 'failed' ? narrator?.failure : undefined)
  emit({ type: 'host.finished', host: host.name, outcome, counts })
  const { wire, requests } = line.result()
  const run = past?.run ?? request.run ?? ''
  const about = { run, mode: past?.mode ?? 'run', outcome, counts, took: Math.round((took?.() ?? 0) * 1000) } as const
  const whole = { ...wire, requests }
  emit({ type: 'run.finished', ...about, wire: whole })
  return {
    run,
    outcome,
    counts,
    exitCode: error ? exitCodes[error.code] : 0,
    wouldRun: 0,
    hosts: [{ host: host.name, outcome, counts, error }],
    wire: whole,
    returned: [],
  }
}
