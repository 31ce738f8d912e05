import { createHash } from 'node:crypto'

/** What stands in for a key out of a vault: the same in each run, another for each site. */
export function secretKey(site: string): string {
  return createHash('sha256').update(`the secret of ${site}`).digest('hex')
}
