import { join } from 'node:path'
import type { Command, Peer, Work } from '../peer.ts'
import { installNode, nodeIn, nodeVersion } from './node.ts'
import { secretKey } from './secret-key.ts'
import { configOf, program, tasks } from './tasks.ts'

/** The same forty facts as the other tools', as a task that a project would write of its own: `bench/own`. */
export const own: Peer = {
  ...tasks,
  name: 'tasks, forty facts',
  id: 'own',
  command: (work) => fortyFacts(work, process.execPath),
}

/** The same on the Node that people install today; the others run on the oldest that this program wants. */
export const ownOnNewNode: Peer = {
  ...own,
  name: `tasks, forty facts, Node ${nodeVersion}`,
  id: 'own-new',
  install: async (folder) => {
    await installNode(folder)
    return `${await own.install(folder)} on Node ${nodeVersion}`
  },
  command: (work) => fortyFacts(work, nodeIn(work.folder)),
}

function fortyFacts({ scenario, targets, project, site }: Work, node: string): Command {
  const hosts = targets.flatMap(({ name }) => ['--host', name])
  const flags = ['--name', site, '--project', project, '--json', '--jobs', String(targets.length)]
  return {
    file: node,
    words: [program, 'forty-facts', ...flags, ...hosts, ...(scenario === 'dry-run' ? ['--dry-run'] : [])],
    cwd: join(import.meta.dirname, '../own'),
    env: { BENCH_CONFIG: JSON.stringify(configOf(targets)), SECRET_KEY: secretKey(site) },
  }
}
