import { defineTask, home, homeOf, otherStatusesTold, statusTold } from '../src/index.ts'
import { deploy } from './deploy.ts'

/** How the sites of the config are, or the one that is named; of a host that is named, all that it has. Nothing is changed. */
export const status = defineTask({
  name: 'status',
  summary: 'Tell how sites are: release, health, disk, certificate, drift; exit code 1 where one is down',
  driftOf: deploy,
  steps: ({ app, host, site }) => {
    const here = { user: host.siteUser, home, path: app.project.healthPath }
    const known = Object.values(app.sites).filter((one) => one.host === host.name)
    const wanted = site === undefined ? known : [site]
    const others = otherStatusesTold({ ...here, known: known.map(({ name }) => name) })
    return [
      homeOf(host.siteUser),
      ...wanted.map(({ name }) => statusTold({ ...here, site: name })),
      ...(site === undefined && host.isNamed ? [others] : []),
    ]
  },
})
