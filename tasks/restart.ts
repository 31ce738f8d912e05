import { copied, copyOf, defineTask, homeOf, othersEnded, param, pruned, restartNumbers, served } from '../src/index.ts'
import { verify } from './verify.ts'

/** The release that serves is made anew and started, and takes over once it is healthy: no request is dropped. */
export const restart = defineTask({
  name: 'restart',
  summary: 'Start a site anew, and switch to it once it is healthy',
  params: { site: param.site() },
  then: [verify],
  lock: 'site',
  steps: ({ app: { project }, host, params }) => {
    const release = copyOf({ kind: 'restart', site: params.site, user: host.siteUser })
    return [
      homeOf(host.siteUser),
      ...restartNumbers(release),
      copied(release),
      ...served(release, project),
      ...othersEnded(release, project),
      pruned(release, { keep: project.keepReleases }),
    ]
  },
})
