import { join } from 'node:path'
import type { Command, Peer, Work } from '../peer.ts'
import { secretKey } from './secret-key.ts'
import { sshConfig } from './ssh-config.ts'

/** What a careful admin would write by hand: one plain `ssh` for each host, and one script. */
export const floor: Peer = {
  name: 'script by hand',
  id: 'floor',
  install: async () => 'sh and ssh',
  command: (work) => ({
    file: 'sh',
    words: words(work),
    cwd: import.meta.dirname,
    env: { SECRET_KEY: secretKey(work.site) },
  }),
  isNoop: (output) => {
    const counts = [...output.matchAll(/^(\d+) changed$/gm)].map(([, count]) => count)
    return counts.length > 0 && counts.every((count) => count === '0')
  },
}

function words(work: Work): Command['words'] {
  const targets = work.targets.map(({ name, user }) => `${user}@${name}`)
  return [
    join(import.meta.dirname, 'floor/deploy.sh'),
    mode(work),
    work.site,
    work.project,
    sshConfig(work),
    ...targets,
  ]
}

function mode({ scenario }: Work): string {
  if (scenario === 'no-op') return 'check'
  return scenario === 'dry-run' ? 'look' : 'make'
}
