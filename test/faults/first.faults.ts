import { it } from 'vitest'
import { onHosts } from '../hosts/host.ts'
import { whole } from './whole.ts'

const hours = 6 * 3_600_000

onHosts("A site's first deploy", () => {
  it('may be cut anywhere', { timeout: hours }, () => whole('first', 12))
})
