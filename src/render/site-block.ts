import type { SiteStatus } from '../core/event.ts'
import type { Certificate, DiskUse, Drift, UnitState } from '../core/site-status.ts'
import { hintLines } from './failures.ts'
import { printableLine } from './printable.ts'
import type { Paint } from './style.ts'
import { wrap } from './width.ts'
import { bytes, plural } from './words.ts'

/** How a site is, as a person reads it: whether it is well, then a row for each thing to know, then where to look when it is not. */
export function siteBlock(status: SiteStatus, paint: Paint, width: number): readonly string[] {
  const { site, host, release, unit, disk, certificate, drift } = status
  const rows: readonly (readonly [name: string, words: string])[] = [
    ['host', host],
    ...(release === undefined ? [] : [['release', releaseWords(status)] as const]),
    ...(unit === undefined ? [] : [['unit', unitWords(unit)] as const]),
    ...(disk.used === undefined && disk.free === undefined ? [] : [['disk', diskWords(disk)] as const]),
    ...(release === undefined ? [] : [['certificate', certificateWords(certificate)] as const]),
    ['drift', driftWords(drift, site)],
  ]
  const column = Math.max(...rows.map(([name]) => name.length))
  return [
    `${paint('strong', printableLine(site))}  ${healthWords(status, paint)}`,
    ...rows.flatMap(([name, words]) => {
      const style = name === 'drift' && drift.kind === 'some' ? 'pending' : 'plain'
      return wrap(printableLine(words), Math.max(20, width - column - 4)).map((line, index) =>
        paint(style, `  ${(index === 0 ? name : '').padEnd(column)}  ${line}`),
      )
    }),
    ...hintLines(hintFor(status), paint),
  ]
}

function healthWords({ health, release }: SiteStatus, paint: Paint): string {
  if (release === undefined) return paint('bad', 'not deployed')
  return health.isHealthy ? paint('good', 'healthy') : paint('bad', printableLine(`down: ${health.because}`))
}

function hintFor({ health, release, site }: SiteStatus): string | undefined {
  if (release === undefined) return `run: tasks deploy --site ${site}`
  return health.isHealthy ? undefined : `run on the host: sudo journalctl -u 'gunicorn-${site}@*'`
}

function releaseWords({ release, servesSince }: SiteStatus): string {
  if (release === undefined) return ''
  const { number, kind, from, who, commit, subject } = release
  const made = from === undefined ? kind : `${kind} ${kind === 'rollback' ? 'to' : 'of'} ${from}`
  const since = servesSince === undefined ? '' : ` since ${moment(servesSince)}`
  return `${number}${since} (${made} by ${who}): ${commit.slice(0, 7)} ${subject}`
}

function unitWords({ name, state, since, startsAtBoot, workers, memory, restarts }: UnitState): string {
  const words = [
    since === undefined ? state : `${state} since ${moment(since)}`,
    workers === undefined ? '' : plural(workers, 'worker'),
    memory === undefined ? '' : `${size(memory)} of memory`,
    restarts === 0 ? '' : `started anew ${restarts === 1 ? 'once' : `${restarts} times`}`,
    startsAtBoot ? '' : 'does not start at boot',
  ]
  return `${name}: ${words.filter((word) => word !== '').join(', ')}`
}

function diskWords({ used, free }: DiskUse): string {
  const words = [used === undefined ? '' : `${size(used)} used`, free === undefined ? '' : `${size(free)} free`]
  return words.filter((word) => word !== '').join(', ')
}

function certificateWords(certificate: Certificate | undefined): string {
  if (certificate === undefined) return 'none: http'
  const { issuer, expires, isForSite } = certificate
  return `${issuer}, until ${moment(expires)}${isForSite ? '' : ', for another name'}`
}

function driftWords(drift: Drift, site: string): string {
  if (drift.kind === 'none') return 'none'
  if (drift.kind === 'unknown') return `unknown: ${drift.because}`
  return `${plural(drift.steps, 'step')} would change: tasks deploy --site ${site} --dry-run`
}

/** `2026-11-22 04:53 UTC` */
function moment(at: string): string {
  return at.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z$/, '$1 $2 UTC')
}

function size(count: number): string {
  return count < 999_950_000 ? bytes(count) : `${(count / 1_000_000_000).toFixed(1)} GB`
}
