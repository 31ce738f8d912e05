import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Counts } from '../../core/counts.ts'
import type { Event } from '../../core/event.ts'
import type { Failure } from '../failures.ts'
import { printableLine } from '../printable.ts'
import { type HostProgress, stepsOf } from '../progress.ts'
import { recapLines, releaseLine, wireLine } from '../recap.ts'
import { paintWith } from '../style.ts'
import { someOf, total } from '../words.ts'
import { type Html, html } from './html.ts'
import { unended } from './lines.ts'
import { outputOf, saidOf } from './quote.ts'
import { Runs } from './runs.ts'
import { type AnchorOf, fateCounts, hint, hostSteps, icon } from './steps.ts'
import type { Note, Report } from './story.ts'
import { type Axis, axisOf, hasTime, timeline } from './timeline.ts'
import { commandOf, type Fate, fateOf, fateWords, modeWords, momentWords, runName, tookWords } from './words.ts'

/** One page that tells a run, from its events alone; nothing where there is no such run in them. Without a name, the last one. */
export function reportPage(events: Iterable<Event>, run?: string): string | undefined {
  const runs = new Runs(run)
  for (const event of events) runs.take(event)
  const report = runs.report()
  return report && pageOf(report)
}

/** A whole HTML document that needs nothing else: no script, no other file, no network. */
export function pageOf(report: Report): string {
  const style = readFileSync(new URL('./page.css', import.meta.url), 'utf8')
  const axis = axisOf(report.hosts)
  const anchorOf = anchors(report.hosts)
  const ending = endingOf(report)
  const title = `${ending.words}: ${runName(report)}, ${momentWords(report.started.at)}`
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${sha256(style)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${printableLine(title)}</title>
<style>${raw(style)}</style>
</head>
<body>
${symbols}
${head(report, ending)}
<main>
${failures(report)}${releases(report)}${notes(report)}${overview(report, { axis, anchorOf })}
${report.hosts.map((host, index) => hostSection(host, { axis, anchorOf, id: `host-${index + 1}` }))}
${commands(report)}</main>
${foot(report)}
</body>
</html>
`
  return page.text
}

interface Place {
  readonly axis: Axis | undefined
  readonly anchorOf: AnchorOf
}

interface RunEnding {
  readonly words: string
  readonly fate: Fate
}

function endingOf({ finished, started }: Report): RunEnding {
  switch (finished?.outcome) {
    case undefined:
      return { words: 'Not ended', fate: 'unknown' }
    case 'failed':
      return { words: 'Failed', fate: 'failed' }
    case 'interrupted':
      return { words: 'Interrupted', fate: 'failed' }
    case 'unknown':
      return { words: 'Ended unknown', fate: 'unknown' }
    case 'done':
      return started.mode === 'dry-run' ? { words: 'Dry run', fate: 'would' } : { words: 'Done', fate: 'changed' }
  }
}

function head(report: Report, { words, fate }: RunEnding): Html {
  const { started, progress, finished, hosts } = report
  const { asked, mode } = started
  const command = commandOf(report)
  const recap = recapLines(progress, paintWith(false)).at(-1) ?? unended
  const facts: readonly (readonly [string, Html | undefined])[] = [
    ['When', html`<time datetime="${started.at}">${momentWords(started.at)}</time>`],
    ['Who', asked && html`${printableLine(`${asked.user}@${asked.machine}`)}`],
    ['How', html`${modeWords[mode]}`],
    ['Took', finished && html`${tookWords(finished.took)}`],
    [hosts.length === 1 ? 'Host' : 'Hosts', html`${someOf(hosts.map(hostWords), 5)}`],
    ['Run', html`<code>${printableLine(started.run)}</code>`],
    ['Command', command === undefined ? undefined : html`<code>${command}</code>`],
  ]
  return html`<header class="${fate}">
<p class="outcome">${icon(fate)} ${words}</p>
<h1>${runName(report)}</h1>
<p class="recap">${recap}</p>
${finished && countList(finished.counts)}
<dl>${facts.map(([name, value]) => value && html`<div class="${name.toLowerCase()}"><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>`
}

/** The recap in words stands above; this is what catches the eye. */
function countList(counts: Counts): Html | undefined {
  if (total(counts) === 0) return undefined
  const parts = countFates.filter(([key]) => counts[key] > 0)
  return html`<ul class="counts">${parts.map(([key, fate]) => html`<li class="${fate}">${icon(fate)} <b>${counts[key]}</b> ${fateWords[fate]}</li>`)}</ul>`
}

const countFates: readonly (readonly [keyof Counts, Fate])[] = [
  ['failed', 'failed'],
  ['unknown', 'unknown'],
  ['changed', 'changed'],
  ['wouldChange', 'would'],
  ['after', 'after'],
  ['met', 'met'],
  ['skipped', 'skipped'],
]

function hostWords({ name, address }: HostProgress): string {
  return address === name ? name : `${name} (${address})`
}

function failures(report: Report): Html | undefined {
  if (report.failures.length === 0) return undefined
  return html`<section class="failures" aria-labelledby="failures">
<h2 id="failures">What went wrong</h2>
${report.failures.map(failureBlock)}${wayOn(report)}</section>
`
}

/** Where nothing else says what to do: a journal alone does not know the hints of a project's steps. */
function wayOn(report: Report): Html | undefined {
  const command = commandOf(report)
  if (command === undefined || report.failures.some((failure) => failure.hint !== undefined)) return undefined
  return hint(`once that is put right, run: ${command}`)
}

function failureBlock({ message, where, output, hint: way }: Failure): Html {
  return html`<article class="failure">
<h3>${printableLine(message)}</h3>
<p class="where">${where.map(printableLine).join(' › ')}</p>
${saidOf(output)}
${hint(way)}</article>
`
}

function releases(report: Report): Html | undefined {
  if (report.releases.length === 0) return undefined
  const lines = report.releases.map(
    (release) => html`<p class="release">${icon('changed')} ${releaseLine(release, paintWith(false))}</p>`,
  )
  return html`<section aria-label="Releases">${lines}</section>\n`
}

function notes(report: Report): Html | undefined {
  if (report.notes.length === 0) return undefined
  const isOne = report.hosts.length < 2
  return html`<section class="notes" aria-labelledby="notes">
<h2 id="notes">Notes</h2>
<ul>${report.notes.map((note) => noteItem(note, isOne))}</ul>
</section>
`
}

function noteItem({ level, message, hint: way, hosts }: Note, isOneHost: boolean): Html {
  const on = isOneHost || hosts.length === 0 ? '' : ` (${someOf(hosts.map(printableLine), 3)})`
  return html`<li class="${level}">${level === 'warning' ? html`<b>Warning:</b> ` : undefined}${printableLine(message)}${on}
${hint(way)}</li>
`
}

function overview({ hosts }: Report, { axis, anchorOf }: Place): Html | undefined {
  if (axis === undefined) return undefined
  return html`<section aria-labelledby="timeline">
<h2 id="timeline">Timeline</h2>
${hosts.map(
  (host, index) => html`<figure>
<figcaption><a href="#host-${index + 1}">${host.name}</a> <span class="faint">${fateCounts(host)}</span></figcaption>
${timeline(host, axis)}
</figure>
`,
)}
${legend(hosts)}
${hosts.length < 2 ? undefined : html`<p class="faint">Each host's time counts from its own first step.</p>\n`}${longest(hosts, anchorOf)}</section>
`
}

function legend(hosts: readonly HostProgress[]): Html {
  const fates = new Set(hosts.flatMap(stepsOf).filter(hasTime).map(fateOf))
  return html`<ul class="legend" aria-label="Colours">${legendWords.flatMap(([fate, words]) => (fates.has(fate) ? html`<li class="${fate}">${icon(fate)} ${words}</li>` : []))}</ul>`
}

const legendWords: readonly (readonly [Fate, string])[] = [
  ['changed', 'changed'],
  ['would', 'would change'],
  ['met', 'already so'],
  ['after', 'decided later'],
  ['failed', 'failed'],
  ['unknown', 'unknown'],
  ['unfinished', 'not finished'],
]

/** Steps below this are no answer to what took so long. Milliseconds. */
const long = 1000

function longest(hosts: readonly HostProgress[], anchorOf: AnchorOf): Html | undefined {
  const steps = hosts
    .flatMap(stepsOf)
    .filter(({ finished }) => (finished?.took ?? 0) >= long)
    .sort((one, other) => (other.finished?.took ?? 0) - (one.finished?.took ?? 0))
    .slice(0, 5)
  if (steps.length === 0) return undefined
  const name = new Map(hosts.map((host) => [host.id, host.name]))
  return html`<h3>What took longest</h3>
<ol class="longest">${steps.map((step) => html`<li><span class="took">${tookWords(step.finished?.took ?? 0)}</span> <a href="#${anchorOf(step)}">${step.title}</a>${hosts.length < 2 ? undefined : html` <span class="faint">${name.get(step.host)}</span>`}</li>`)}</ol>
`
}

function hostSection(host: HostProgress, { id, ...place }: Place & { readonly id: string }): Html {
  const steps = hostSteps(host, place)
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${host.name} <span class="faint">${fateCounts(host)}</span></h2>
${steps.text === '' ? html`<p class="faint">No step of this host was told.</p>` : steps}</section>
`
}

function commands(report: Report): Html | undefined {
  if (report.commands.length === 0) return undefined
  return html`<section aria-labelledby="commands">
<h2 id="commands">Commands</h2>
${report.commands.map(({ place, output }) => html`<details open><summary>${printableLine(place)}</summary>${outputOf(output)}</details>\n`)}</section>
`
}

function foot({ finished }: Report): Html {
  return html`<footer><p>A run of <b>tasks</b>${finished && html`: ${wireLine(finished)}`}.</p></footer>`
}

/** The same step has the same place in every page of a run. */
function anchors(hosts: readonly HostProgress[]): AnchorOf {
  const numbers = new Map(hosts.flatMap(stepsOf).map((step, index) => [step, index + 1]))
  return (step) => `step-${numbers.get(step)}`
}

const symbols = html`<svg width="0" height="0" class="symbols" aria-hidden="true">
<symbol id="i-done" viewBox="0 0 16 16"><path d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Zm3.5 4.2L7 9.7 4.9 7.6 3.8 8.7 7 11.9l5.6-5.6Z" fill-rule="evenodd"/></symbol>
<symbol id="i-met" viewBox="0 0 16 16"><path d="M13.2 3.7 6.5 10.4 2.9 6.8 1.7 8l4.8 4.8 7.9-7.9Z"/></symbol>
<symbol id="i-would" viewBox="0 0 16 16"><path d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Zm0 1.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6ZM4 9.2c1-2 2.6-2 4-1s2.4 1 3-.4l1.2.6c-1 2.2-2.9 2.2-4.6 1.1-1.3-.8-2-.5-2.5.4Z"/></symbol>
<symbol id="i-after" viewBox="0 0 16 16"><path d="M3 2h1.6v6.4h6L8.2 6l1.1-1.1L13.6 9.2l-4.3 4.3-1.1-1.1L10.6 10H3Z"/></symbol>
<symbol id="i-none" viewBox="0 0 16 16"><path d="M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Zm0 1.6a4.4 4.4 0 1 0 0 8.8 4.4 4.4 0 0 0 0-8.8Z"/></symbol>
<symbol id="i-bad" viewBox="0 0 16 16"><path d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Zm-2.3 3.6L4.6 5.7 6.9 8l-2.3 2.3 1.1 1.1L8 9.1l2.3 2.3 1.1-1.1L9.1 8l2.3-2.3-1.1-1.1L8 6.9Z" fill-rule="evenodd"/></symbol>
<symbol id="i-unknown" viewBox="0 0 16 16"><path d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Zm-.1 3C6.3 4 5.4 5 5.3 6.3h1.5c0-.6.4-1 1.1-1 .6 0 1.1.4 1.1 1 0 .5-.3.8-.8 1.2-.7.5-1.1 1-1 2.1h1.5c0-.6.2-.9.8-1.3.7-.5 1.1-1.1 1.1-2C10.6 4.9 9.5 4 7.9 4Zm-.1 6.5a.95.95 0 1 0 0 1.9.95.95 0 0 0 0-1.9Z" fill-rule="evenodd"/></symbol>
</svg>`

function raw(text: string): Html {
  return { kind: 'html', text }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
