import type { Debian } from '../../src/sandbox/index.ts'
import { provision } from '../../tasks/provision.ts'
import { floor } from './host.ts'
import { reasonOf, runOn } from './run-on.ts'

/** A floor that has been provisioned by root: a host on it begins where `tasks provision` ends. */
export function provisioned(debian: Debian): Promise<string> {
  return floor({
    name: 'provisioned',
    debian,
    make: async (host) => {
      const because = reasonOf(await runOn(host, provision))
      if (because !== undefined) throw new Error(because)
    },
  })
}
