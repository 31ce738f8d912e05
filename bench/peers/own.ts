import { join } from 'node:path'
import type { Peer } from '../peer.ts'
import { secretKey } from './secret-key.ts'
import { configOf, program, tasks } from './tasks.ts'

/** The same forty facts as the other tools', as a task that a project would write of its own: `bench/own`. */
export const own: Peer = {
  ...tasks,
  name: 'tasks, forty facts',
  id: 'own',
  command: ({ scenario, targets, project, site }) => {
    const hosts = targets.flatMap(({ name }) => ['--host', name])
    const flags = ['--name', site, '--project', project, '--json', '--jobs', String(targets.length)]
    return {
      file: process.execPath,
      words: [program, 'forty-facts', ...flags, ...hosts, ...(scenario === 'dry-run' ? ['--dry-run'] : [])],
      cwd: join(import.meta.dirname, '../own'),
      env: { BENCH_CONFIG: JSON.stringify(configOf(targets)), SECRET_KEY: secretKey(site) },
    }
  },
}
