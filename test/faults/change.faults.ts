import { it } from 'vitest'
import { onHosts } from '../hosts/host.ts'
import { whole } from './whole.ts'

const hours = 6 * 3_600_000

onHosts('A deploy of other code, another requirement and another schema', () => {
  it('may be cut anywhere', { timeout: hours }, () => whole('change', 13))
})
