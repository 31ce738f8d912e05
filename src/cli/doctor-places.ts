import { choose } from '../config/choose.ts'
import type { App, Host, Site } from '../core/app.ts'
import { knownPlaces } from '../project/known-places.ts'
import type { DoctorFlags } from './doctor-flags.ts'

interface Places {
  readonly hosts: readonly Host[]
  readonly sites: readonly Site[]
}

/** The hosts and sites that are meant: all of the config where none is named. Throws `usage` errors for what nothing has. */
export async function placesOf(app: App, { host = [], site }: DoctorFlags): Promise<Places> {
  const hasNothing = host.length === 0 && site === undefined && Object.keys(app.hosts).length === 0
  if (hasNothing) return { hosts: [], sites: [] }
  const context = {
    task: 'look',
    needsSite: false,
    needsHost: true,
    hasProject: true,
    ...knownPlaces(app, process.cwd()),
  }
  const chosen = await choose({ ...app, stages: {} }, { hosts: host, site }, context)
  const isThere = (one: Site) => chosen.hosts.some(({ name }) => name === one.host)
  const sites = chosen.site === undefined ? Object.values(app.sites).filter(isThere) : [chosen.site]
  return { hosts: chosen.hosts, sites }
}
