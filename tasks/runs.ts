import { defineTask, runsListed } from '../src/index.ts'

/** Who had what done on a host, and what came of it: also of a run that is at work now, or that died. Nothing is changed. */
export const runs = defineTask({
  name: 'runs',
  summary: 'List the last runs on a host, of all sites or of one',
  steps: ({ site }) => [runsListed({ site: site?.name })],
})
