import { mkdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Event } from '../../src/core/event.ts'
import { loadProject, type Run } from '../../src/door.ts'
import { projectOf } from '../cli/command-line.ts'
import { keyFolder, type Sshd, startSshd } from '../transport/sshd.ts'

/** Hosts that are this machine behind a real sshd each, and projects that know them. */
export interface OnSshd {
  readonly project: (files?: Readonly<Record<string, string>>, config?: object) => ReturnType<typeof loadProject>
  readonly close: () => Promise<void>
}

export async function onSshd(names: readonly string[]): Promise<OnSshd> {
  const keys = keyFolder()
  const hosts: (readonly [string, Sshd])[] = []
  for (const name of names) {
    const folder = keys.path(name)
    mkdirSync(folder)
    const state = `SetEnv TASKS_STATE=${join(folder, 'state')} TASKS_RUN=${join(folder, 'run')} HOST_FOLDER=${folder}`
    hosts.push([name, await startSshd({ path: keys.path, config: [state] })])
  }
  const knownHostsFile = keys.path('known')
  const { writeFileSync } = await import('node:fs')
  writeFileSync(knownHostsFile, hosts.map(([, { knownLine }]) => knownLine).join(''))
  const login = { user: userInfo().username, identityFile: keys.path('ed25519'), knownHostsFile, transport: 'ssh2' }
  const known = Object.fromEntries(hosts.map(([name, { port }]) => [name, { address: '127.0.0.1', port, ...login }]))
  return {
    project: (files = {}, config = {}) => {
      const text = JSON.stringify({ hosts: known, ...config })
      return loadProject({ cwd: projectOf({ ...files, 'tasks.config.json': text }) })
    },
    close: async () => {
      await Promise.all(hosts.map(([, sshd]) => sshd.close()))
      keys.remove()
    },
  }
}

/** All that a run tells. */
export async function eventsOf(run: Run): Promise<readonly Event[]> {
  const events: Event[] = []
  for await (const event of run) events.push(event)
  return events
}
