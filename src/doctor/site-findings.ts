import { isIP } from 'node:net'
import type { Site } from '../core/app.ts'
import { bad, type Found, ok, unknown, warn } from '../core/finding.ts'
import type { HostFacts, SiteAnswer } from './host-facts.ts'

/** The addresses of a name; rejects with an error that has DNS's code. */
export type Lookup = (name: string) => Promise<readonly string[]>

/** Whether visitors who type a name of the site come to its host. */
export async function nameFindings(
  { name, aliases }: Pick<Site, 'name' | 'aliases'>,
  {
    host,
    addresses,
    lookup,
  }: { readonly host: string; readonly addresses: readonly string[]; readonly lookup: Lookup },
): Promise<readonly Found[]> {
  const names = [name, ...aliases.filter((alias) => isIP(alias) === 0)]
  return await Promise.all(
    names.map(async (one) => {
      const title = one === name ? 'DNS' : `DNS of ${one}`
      try {
        return pointing(title, await lookup(one), { host, addresses })
      } catch (error) {
        return unresolved(title, error, addresses)
      }
    }),
  )
}

function pointing(
  title: string,
  found: readonly string[],
  { host, addresses }: { readonly host: string; readonly addresses: readonly string[] },
): Found {
  const shown = found.join(', ')
  if (found.some((address) => addresses.includes(address))) return ok(title, `points to ${host} (${shown})`)
  const isKnown = addresses.some((address) => isPublic(address))
  if (!isKnown)
    return unknown(title, `points to ${shown}, and no public address of ${host} is known to compare it with`)
  return warn(
    title,
    `points to ${shown}, and ${host} is ${addresses.filter(isPublic).join(', ')}`,
    'correct the record, unless a proxy stands before the host',
  )
}

function unresolved(title: string, error: unknown, addresses: readonly string[]): Found {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  if (!['ENOTFOUND', 'ENODATA'].includes(code))
    return unknown(title, `names cannot be looked up just now (${code || 'no answer'})`)
  const to = addresses.find(isPublic)
  return bad(
    title,
    'no address is known for it',
    `add a record${to === undefined ? '' : ` with ${to}`} where your domain is managed`,
  )
}

/** Whether nginx on the host answers for the site, and with one of its releases. */
export function servedFinding(site: Pick<Site, 'name'>, facts: HostFacts | undefined): Found {
  const title = 'nginx'
  const answer = facts?.sites.find((one) => one.site === site.name)
  if (answer === undefined) return unknown(title, 'its host was not reached')
  const look = `run: tasks status --site ${site.name}`
  if (!answer.isLinked) return warn(title, 'it is not deployed yet', `run: tasks deploy --site ${site.name}`)
  if (answer.status === '') return bad(title, 'nginx does not answer for it', look)
  if (answer.status.startsWith('5')) return bad(title, `it answers with status ${answer.status}`, look)
  return answeredFinding(answer, site.name)
}

function answeredFinding({ status, release }: SiteAnswer, site: string): Found {
  const number = release.startsWith(`${site}/`) ? release.slice(site.length + 1) : ''
  if (number !== '') return ok('nginx', `serves release ${number}, with status ${status}`)
  return status.startsWith('3')
    ? ok('nginx', `answers with status ${status}`)
    : warn('nginx', `answers with status ${status}, and not from a release`, `run: tasks status --site ${site}`)
}

/** Others can reach it. */
function isPublic(address: string): boolean {
  return !/^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd]|fe80)/i.test(
    address,
  )
}
