import {
  copied,
  copyOf,
  defineTask,
  homeOf,
  migrationsLeft,
  othersEnded,
  param,
  pruned,
  rollbackNumbers,
  served,
  undoTold,
} from '../src/index.ts'
import { verify } from './verify.ts'

/** An older release that was good serves again, as a new one: through the same gate, with the database as it is. */
export const rollback = defineTask({
  name: 'rollback',
  summary: 'Make a new release from an older one that was good, and switch to it once it is healthy',
  params: {
    site: param.site(),
    to: param.number({
      summary: 'the release to go back to (default: the newest good one before)',
      placeholder: 'N',
      isOptional: true,
    }),
  },
  then: [verify],
  lock: 'site',
  steps: ({ app: { project }, host, params }) => {
    const release = copyOf({ kind: 'rollback', site: params.site, user: host.siteUser })
    return [
      homeOf(host.siteUser),
      ...rollbackNumbers(release, params),
      migrationsLeft(release),
      copied(release),
      ...undoTold(release, served(release, project)),
      ...othersEnded(release, project),
      pruned(release, { keep: project.keepReleases }),
    ]
  },
})
