import {
  copied,
  defineTask,
  drained,
  healthy,
  homeOf,
  migrationsLeft,
  param,
  pruned,
  rollbackNumbers,
  rollbackOf,
  running,
  switchedBack,
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
  steps: ({ app, host, params }) => {
    const { keepReleases, healthPath, healthTimeout, healthHold } = app.project
    const release = rollbackOf({ site: params.site, user: host.siteUser, to: params.to })
    const start = running(release)
    return [
      homeOf(host.siteUser),
      ...rollbackNumbers(release),
      migrationsLeft(release),
      copied(release),
      start,
      healthy(release, { path: healthPath, timeout: healthTimeout, hold: healthHold, after: start }),
      switchedBack(release),
      drained(release),
      pruned(release, { keep: keepReleases }),
    ]
  },
})
