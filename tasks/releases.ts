import { defineTask, home, homeOf, param, releasesListed } from '../src/index.ts'

/** Which releases of a site its host has, and which of them serves. Nothing is changed. */
export const releases = defineTask({
  name: 'releases',
  summary: 'List the releases of a site that its host has',
  params: { site: param.site() },
  steps: ({ host, params }) => [
    homeOf(host.siteUser),
    releasesListed({ site: params.site, user: host.siteUser, home }),
  ],
})
