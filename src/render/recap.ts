import type { Counts } from '../core/counts.ts'
import type { ReleaseSwitched, RunFinished } from '../core/event.ts'
import { duration } from './duration.ts'
import type { FunctionCounts } from './functions.ts'
import { printableLine } from './printable.ts'
import { type HostProgress, hostCounts, type Progress, remainingOf } from './progress.ts'
import type { Paint, Style } from './style.ts'
import { bytes, countWords, listed, plural, total } from './words.ts'

/** What the run came to: a line for each host where there are several, and one sentence for all. */
export function recapLines(progress: Progress, paint: Paint): readonly string[] {
  const { finished } = progress
  if (finished === undefined) return []
  const { functions } = progress
  const left = remainingOf(...progress.hosts.values())
  const line = finished.mode === 'dry-run' ? dryRunLine(finished, functions) : runLine(finished, functions, left)
  return [...hostLines(progress, paint), paint(lineStyle(finished), line)]
}

/** `staging.example.com now serves release 8 (3f2a1c9)` */
export function releaseLine(event: ReleaseSwitched, paint: Paint): string {
  const commit = printableLine(event.commit).slice(0, 7)
  return `${paint('strong', printableLine(event.site))} now serves release ${event.release} (${commit})`
}

/** What crossed the wire, for those who want to know. */
export function wireLine({ wire }: RunFinished): string {
  const counts = [
    plural(wire.connections, 'connection'),
    plural(wire.channels, 'channel'),
    plural(wire.requests, 'request'),
  ]
  return `${counts.join(', ')}, ${bytes(wire.bytesSent)} sent, ${bytes(wire.bytesReceived)} received`
}

function dryRunLine({ counts, outcome }: RunFinished, functions: FunctionCounts): string {
  const wouldRun = functions['would run']
  if (wouldRun === 0 && isAllMet(counts) && outcome === 'done') return nothingToDo(counts.met)
  const them = counts.wouldChange === 1 ? 'it' : 'them'
  const parts = listed([
    [wouldRun, `${wouldRun === 1 ? 'task' : 'tasks'} would run`],
    [counts.wouldChange, 'would change'],
    [counts.after, `${counts.after === 1 ? 'is' : 'are'} decided after ${them}`],
    [counts.met, 'already so'],
    [counts.skipped, 'skipped'],
    [counts.failed, 'failed'],
    [counts.unknown, 'unknown'],
  ])
  // What a dry run leaves out on this machine is no step, and is counted nowhere.
  if (parts === '' && outcome === 'done') return 'Dry run: nothing was touched.'
  const stopped =
    outcome === 'done' ? '' : `${outcome === 'interrupted' ? 'interrupted' : 'failed'}${parts === '' ? '' : ': '}`
  return `Dry run${stopped === '' ? ':' : ''} ${stopped}${parts}. Nothing was touched.`
}

function runLine({ counts, outcome, took }: RunFinished, functions: FunctionCounts, left: number): string {
  const time = `(${duration(took)})`
  if (outcome === 'done') {
    if (functions.done === 0 && isAllMet(counts)) return nothingToDo(counts.met)
    if (functions.done === 0 && functions.met > 0 && total(counts) === 0) return 'Nothing to do.'
    return total(counts) === 0 ? `Done ${time}.` : `Done: ${countWords(counts)} ${time}.`
  }
  const words = [countWords(counts), left === 0 ? '' : `${left} ${leftWords[outcome]}`].filter((part) => part !== '')
  return words.length === 0 ? `${heads[outcome]} ${time}.` : `${heads[outcome]}: ${words.join(', ')} ${time}.`
}

const heads = { failed: 'Failed', interrupted: 'Interrupted', unknown: 'Ended unknown' } as const
const leftWords = { failed: 'not reached', interrupted: 'left to do', unknown: 'not heard of' } as const

function nothingToDo(met: number): string {
  return met === 1 ? 'Nothing to do: the one step is already so.' : `Nothing to do: all ${met} steps are already so.`
}

function isAllMet(counts: Counts): boolean {
  return counts.met > 0 && counts.met === total(counts)
}

function lineStyle({ outcome, counts }: RunFinished): Style {
  if (outcome !== 'done') return 'bad'
  return counts.wouldChange > 0 ? 'pending' : 'good'
}

/** Above this, hosts that did well are only counted. */
const crowd = 20

function hostLines({ hosts }: Progress, paint: Paint): readonly string[] {
  if (hosts.size < 2) return []
  const all = [...hosts.values()]
  const told = all.length > crowd ? all.filter((host) => host.outcome !== 'done') : all
  const width = Math.max(...told.map((host) => host.name.length))
  const rest = all.length - told.length
  const lines = told.map((host) => hostLine(host, { width, paint }))
  return rest === 0 || told.length === 0 ? lines : [...lines, paint('faint', `and ${plural(rest, 'host')} done`)]
}

function hostLine(host: HostProgress, { width, paint }: { readonly width: number; readonly paint: Paint }): string {
  const left = remainingOf(host)
  const isDone = host.outcome === 'done'
  const words = [countWords(hostCounts(host)), isDone || left === 0 ? '' : `${left} ${leftWords[notDone(host)]}`]
  const head = isDone ? '' : paint('bad', `${heads[notDone(host)].toLowerCase()}  `)
  return `${host.name.padEnd(width)}  ${head}${words.filter((part) => part !== '').join(', ')}`.trimEnd()
}

function notDone({ outcome }: HostProgress): 'failed' | 'interrupted' | 'unknown' {
  return outcome === undefined || outcome === 'done' ? 'unknown' : outcome
}
