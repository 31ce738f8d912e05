import { duration, wholeSeconds } from '../duration.ts'
import { type HostProgress, type StepProgress, stepsOf } from '../progress.ts'
import { plural } from '../words.ts'
import { type Html, html } from './html.ts'
import { fateOf, fateWords, tookWords } from './words.ts'

/** The time that a page shows: from the first step of a host to the end of the last one of any. Milliseconds. */
export interface Axis {
  readonly length: number
  readonly ticks: readonly number[]
}

/** Nothing where no step took any time that a host's clock can tell. */
export function axisOf(hosts: readonly HostProgress[]): Axis | undefined {
  const length = lastEnd(hosts.flatMap(stepsOf))
  if (length === 0) return undefined
  const gap = gaps.find((each) => length / each <= mostTicks) ?? length
  const count = Math.floor(length / gap)
  return { length, ticks: Array.from({ length: count + 1 }, (_, index) => index * gap) }
}

/** As many as are readable on a phone. */
const mostTicks = 5
const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000] as const
const gaps = [
  ...[10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 6, 12].map((count) => count * hour),
  ...[1, 2, 7, 30].map((count) => count * day),
]

/** All that a host did, one bar for each step, over the time that it took; its tasks below. */
export function timeline(host: HostProgress, axis: Axis): Html {
  const steps = stepsOf(host).filter(hasTime)
  return html`<svg class="timeline" height="64" role="img" aria-label="${timelineWords(host, steps)}">
${axis.ticks.map((tick) => html`<line class="tick" x1="${percent(tick, axis)}" x2="${percent(tick, axis)}" y1="0" y2="48"/>`)}
<rect class="ground" width="100%" y="6" height="20" rx="3"/>
${steps.map((step) => bar(step, axis))}
${[...host.tasks.values()].map((task) => span(task.name, [...task.steps.values()], axis))}
${axis.ticks.map((tick) => tickLabel(tick, axis))}
</svg>`
}

/** Whether it was at work at some time: what was skipped was not. */
export function hasTime(step: StepProgress): boolean {
  return step.began !== undefined && fateOf(step) !== 'skipped'
}

/** Where in the whole a step was, as thin as a line of the list. */
export function track(step: StepProgress, axis: Axis): Html | undefined {
  if (!hasTime(step)) return undefined
  return html`<svg class="track" height="8" aria-hidden="true"><rect class="ground" width="100%" y="3" height="2" rx="1"/>${place(step, axis, { y: 0, height: 8, least: 1.5 })}</svg>`
}

function bar(step: StepProgress, axis: Axis): Html {
  const isBad = ['failed', 'unknown', 'unfinished'].includes(fateOf(step))
  return place(step, axis, { ...(isBad ? { y: 0, height: 32 } : { y: 6, height: 20 }), least: 0.4 })
}

interface Shape {
  readonly y: number
  readonly height: number
  /** Percent of the whole: what takes no time is to be seen, too. */
  readonly least: number
}

function place(step: StepProgress, axis: Axis, { y, height, least }: Shape): Html {
  const fate = fateOf(step)
  const began = step.began ?? 0
  const width = Math.max(least, ((endOf(step) - began) / axis.length) * 100)
  const left = Math.min((began / axis.length) * 100, 100 - width)
  const words = `${step.title}: ${fateWords[fate]}, ${tookWords(step.finished?.took ?? 0)}`
  return html`<rect class="bar ${fate}" x="${rounded(left)}%" width="${rounded(width)}%" y="${y}" height="${height}" rx="2"><title>${words}</title></rect>`
}

/** A task's name stands where there is room for it. */
function span(name: string, steps: readonly StepProgress[], axis: Axis): Html | undefined {
  const begun = steps.filter(hasTime)
  if (begun.length === 0) return undefined
  const from = begun.reduce((earliest, { began = 0 }) => Math.min(earliest, began), Number.POSITIVE_INFINITY)
  const to = lastEnd(begun)
  const isWide = (to - from) / axis.length > 0.2
  return html`<line class="span" x1="${percent(from, axis)}" x2="${percent(to, axis)}" y1="33" y2="33"/>
${isWide ? html`<text class="task" x="${percent(from, axis)}" y="45" dx="3">${name}</text>` : undefined}`
}

function tickLabel(tick: number, axis: Axis): Html {
  const at = tick / axis.length
  const anchor = at < 0.05 ? 'start' : at > 0.9 ? 'end' : 'middle'
  return html`<text class="time" x="${percent(tick, axis)}" y="61" text-anchor="${anchor}">${tickWords(tick)}</text>`
}

function tickWords(tick: number): string {
  if (tick === 0) return '0'
  if (tick < 100) return `${tick} ms`
  return tick % second === 0 ? wholeSeconds(tick) : duration(tick)
}

function timelineWords(host: HostProgress, steps: readonly StepProgress[]): string {
  return `Timeline of ${host.name}: ${plural(steps.length, 'step')} in ${tookWords(lastEnd(steps))}`
}

function lastEnd(steps: readonly StepProgress[]): number {
  return steps.reduce((latest, step) => Math.max(latest, endOf(step)), 0)
}

function endOf({ began = 0, finished }: StepProgress): number {
  return began + (finished?.took ?? 0)
}

function percent(time: number, { length }: Axis): string {
  return `${rounded((time / length) * 100)}%`
}

function rounded(value: number): string {
  return value.toFixed(2).replace(/\.?0+$/, '')
}
