import {
  built,
  collectstatic,
  defineTask,
  drained,
  environment,
  facts,
  gunicornUnits,
  healthy,
  home,
  homeOf,
  migrated,
  nextRelease,
  nginxAccepts,
  nginxServes,
  nginxSite,
  numbered,
  overlay,
  param,
  pruned,
  pythonVersion,
  releaseFolder,
  room,
  running,
  siteLayout,
  socketLink,
  source,
  switchedTo,
  virtualenv,
} from '../src/index.ts'
import { provision } from './provision.ts'
import { verify } from './verify.ts'

/** A commit becomes a release of its site, and serves once it is healthy; the release before serves until then. */
export const deploy = defineTask({
  name: 'deploy',
  summary: 'Put a commit of a site on its host, and switch to it once it is healthy',
  params: {
    site: param.site(),
    ref: param.gitRef({ default: 'HEAD' }),
    uncommitted: param.flag({ summary: 'deploy the work tree as it is, uncommitted changes too' }),
  },
  needs: { server: provision },
  then: [verify],
  lock: 'site',
  steps: async (context) => {
    const { keepReleases, healthPath, healthTimeout, healthHold, python } = context.app.project
    const release = await nextRelease(context, context.params)
    const start = running(release)
    const nginxFile = { site: release.site.name, content: release.nginxFile, fill: [home] }
    const site = nginxSite(nginxFile)
    return [
      homeOf(release.folder.user),
      pythonVersion(python),
      ...numbered(release),
      nginxAccepts(nginxFile),
      room(release, release.size),
      ...siteLayout(release.folder),
      ...built(release, [
        releaseFolder(release),
        source(release, release.origin),
        virtualenv(release, release.requirements),
        ...environment(release),
        overlay(release, release.overlayFiles),
        facts(release.django),
        migrated(release.django),
        collectstatic(release.django),
      ]),
      ...gunicornUnits(release),
      start,
      healthy(release, { path: healthPath, timeout: healthTimeout, hold: healthHold, after: start }),
      switchedTo(release),
      socketLink(release),
      site,
      nginxServes({ after: [site] }),
      drained(release),
      pruned(release, { keep: keepReleases }),
    ]
  },
})
