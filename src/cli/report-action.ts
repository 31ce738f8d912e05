import { TasksError } from '../core/errors.ts'
import type { Event, RunFailed } from '../core/event.ts'
import { connectTo } from '../project/connect-to.ts'
import { reportLines } from '../render/report/lines.ts'
import { pageOf } from '../render/report/page.ts'
import { Runs } from '../render/report/runs.ts'
import type { Report } from '../render/report/story.ts'
import { attach } from '../run/index.ts'
import { type Ending, endingOf } from './ending.ts'
import { eventsIn, nameOf } from './event-lines.ts'
import { listenForLeave } from './leave.ts'
import { asksOf } from './outlet.ts'
import { requireWritable, writePage } from './page-file.ts'
import { type RunPlaceFlags, runPlace } from './run-place.ts'

/** What was typed. */
export interface ReportFlags extends RunPlaceFlags {
  readonly from?: string | undefined
  readonly html?: string | undefined
}

/** From what was typed to the page, or to lines. The exit code is about the report: that of a failed run is 0 as well. */
export async function reportOn(run: string | undefined, flags: ReportFlags): Promise<Ending> {
  try {
    const { html, from } = flags
    if (html !== undefined && html !== '-') requireWritable(html)
    const report = from === undefined ? await fromHost(run, flags) : await fromLines(run, from)
    if (html === undefined) return { exitCode: 0, out: `${reportLines(report).join('\n')}\n` }
    if (html === '-') return { exitCode: 0, out: pageOf(report) }
    writePage(html, pageOf(report))
    return { exitCode: 0 }
  } catch (error) {
    return endingOf(error)
  }
}

async function fromLines(run: string | undefined, from: string): Promise<Report> {
  const runs = new Runs(run)
  for await (const event of eventsIn(from)) runs.take(event)
  const report = runs.report()
  if (report !== undefined) return report
  throw new TasksError({
    code: 'usage',
    message: `Cannot report on ${nameOf(from)}, because ${run === undefined ? 'no run begins' : `no run "${run}" begins`} in it.`,
    hint: 'give all lines that tasks prints with --json',
  })
}

/** What its host tells of it, all of it: half a story is none. */
async function fromHost(run: string | undefined, flags: ReportFlags): Promise<Report> {
  const { host, site } = await runPlace('report', flags)
  const { signal, interrupt, release } = listenForLeave()
  const ask = await asksOf({ whileAsking: (question) => question() }, { kill: signal, interrupt })
  const runs = new Runs()
  let failed: RunFailed | undefined
  try {
    const emit = (event: Event) => {
      runs.take(event)
      if (event.type === 'run.failed') failed = event
    }
    const { outcome } = await attach({ host, site, run, emit, ask, stop: signal, kill: signal, connect: connectTo })
    const report = runs.report()
    if (report !== undefined && outcome !== 'unknown') return report
    throw new TasksError(failed ?? { code: 'failed', message: `Cannot hear of the run on "${host.name}" to its end.` })
  } finally {
    release()
  }
}
