import type { Certificate, DiskUse, Health, SiteState, UnitState } from '../core/site-status.ts'
import { listed } from './releases.ts'

/** Reads the lines in which a host tells of its sites. */
export function siteStatesIn(output: string): readonly SiteState[] {
  return output
    .split(/^(?=site )/m)
    .filter((block) => block.startsWith('site '))
    .map((block) => stateIn(block.split('\n')))
}

function stateIn(lines: readonly string[]): SiteState {
  const said = (word: string) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
  const [release] = lines.flatMap(listed)
  const since = said('since')
  const unit = unitIn(lines)
  const certificate = certificateIn(lines)
  return {
    site: said('site') ?? '',
    ...(release && { release }),
    ...(since && { servesSince: since }),
    ...(unit && { unit }),
    health: healthIn(said('health') ?? ''),
    disk: diskIn(said('disk') ?? ''),
    ...(certificate && { certificate }),
  }
}

function unitIn(lines: readonly string[]): UnitState | undefined {
  const facts = factsIn(lines, 'unit')
  if (facts.Name === undefined) return undefined
  const since = momentIn(facts.StateChangeTimestamp)
  const workers = numberIn(facts.Workers)
  const memory = numberIn(facts.Memory)
  return {
    name: facts.Name,
    state: facts.ActiveState ?? 'unknown',
    ...(since !== undefined && { since }),
    startsAtBoot: facts.Boot === 'yes',
    ...(workers !== undefined && { workers }),
    ...(memory !== undefined && { memory }),
    restarts: numberIn(facts.NRestarts) ?? 0,
  }
}

function certificateIn(lines: readonly string[]): Certificate | undefined {
  const facts = factsIn(lines, 'certificate')
  const expires = momentIn(facts.notAfter)
  if (expires === undefined) return undefined
  const issuer = /(?:^|,)O=((?:\\.|[^,\\])*)/.exec(facts.issuer ?? '')?.[1] ?? facts.issuer ?? ''
  const isForSite = lines.some((line) => /^certificate Hostname .* does match certificate/.test(line))
  return { issuer: issuer.replace(/\\(.)/g, '$1'), expires, isForSite }
}

function factsIn(lines: readonly string[], word: string): Readonly<Record<string, string>> {
  const pairs = lines.flatMap((line) => {
    const [, name, value] = new RegExp(`^${word} (\\w+)=(.*)$`).exec(line) ?? []
    return name === undefined || value === undefined ? [] : [[name, value.trim()] as const]
  })
  return Object.fromEntries(pairs)
}

function diskIn(words: string): DiskUse {
  const [used, free] = words.split(' ').map((word) => numberIn(word))
  return { ...(used !== undefined && { used: used * 1024 }), ...(free !== undefined && { free: free * 1024 }) }
}

function healthIn(words: string): Health {
  const [where, kind = '', detail = ''] = words.split(' ')
  if (where === 'well') return { isHealthy: true }
  if (where === 'never') return { isHealthy: false, because: 'it was never deployed to this host' }
  if (where === 'nginx') return { isHealthy: false, because: frontWords(kind) }
  return { isHealthy: false, because: socketWords(kind, detail) }
}

function frontWords(status: string): string {
  return status === ''
    ? 'nginx does not answer for it'
    : `nginx answers with status ${status}, and not with the release that is to serve`
}

function socketWords(kind: string, detail: string): string {
  switch (kind) {
    case 'silent':
      return detail === 'closed' ? 'its release closes connections without an answer' : 'its release does not answer'
    case 'status':
    case 'missing':
      return `its release answers with status ${kind === 'missing' ? '404' : detail}`
    case 'debug':
      return 'its release answers with a debug page'
    case 'loop':
      return 'its release redirects to itself'
    case 'https':
      return 'its release redirects everything to https'
    case 'release':
      return 'another release answers on its socket'
    default:
      return 'it cannot be told whether its release answers'
  }
}

function numberIn(word: string | undefined): number | undefined {
  return word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : undefined
}

function momentIn(words: string | undefined): string | undefined {
  const time = Date.parse((words ?? '').replace(/^[A-Z][a-z]{2} (?=\d{4}-)/, ''))
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace('.000Z', 'Z')
}
