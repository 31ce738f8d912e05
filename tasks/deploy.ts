import {
  built,
  collectstatic,
  defineTask,
  environment,
  facts,
  gunicornUnits,
  home,
  homeOf,
  migrated,
  nextRelease,
  nginxAccepts,
  nginxServes,
  nginxSite,
  numbered,
  othersEnded,
  overlay,
  param,
  pruned,
  pythonVersion,
  releaseFolder,
  room,
  served,
  siteLayout,
  socketLink,
  source,
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
    const { project } = context.app
    const release = await nextRelease(context, context.params)
    const nginxFile = { site: release.site.name, content: release.nginxFile, fill: [home] }
    const site = nginxSite(nginxFile)
    return [
      homeOf(release.folder.user),
      pythonVersion(project.python),
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
      ...served(release, project),
      socketLink(release),
      site,
      nginxServes({ after: [site] }),
      ...othersEnded(release, project),
      pruned(release, { keep: project.keepReleases }),
    ]
  },
})
