import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Peer, Work } from '../peer.ts'
import { secretKey } from './secret-key.ts'
import { sshConfig } from './ssh-config.ts'
import { program, virtualenv } from './virtualenv.ts'

export const pyinfra: Peer = {
  name: 'pyinfra',
  id: 'pyinfra',
  install: async (folder) => {
    await virtualenv({ folder, packages: [`pyinfra==${version}`] })
    return version
  },
  command: (work) => ({
    file: program(work.folder, 'pyinfra'),
    words: [
      ...[inventory(work), 'deploy.py', work.scenario === 'dry-run' ? '--dry' : '-y'],
      ...['--parallel', String(work.targets.length)],
    ],
    cwd: join(import.meta.dirname, 'pyinfra'),
    env: { SITE: work.site, PROJECT: work.project, SECRET_KEY: secretKey(work.site) },
  }),
  isNoop: (output) => {
    // A row tells of an operation: on how many hosts, how many of them changed, failed, did not change. In a dry run: would change, might.
    const dry = /^ *(\S.*?) {2,}(?=-|\d+ \()(\S+)/gm
    const real = /^ *(\S.*?) +\d+ +(\d+|-) +-/gm
    const rows = [...output.matchAll(output.includes('Detected changes:') ? dry : real)]
    const own = rows.filter(([, name = '']) => !/^(Ask |Grand total)/.test(name))
    return own.length > 0 && own.every(([, , changed]) => changed === '-')
  },
}

const version = '3.10.0'

function inventory(work: Work): string {
  const config = sshConfig(work)
  const hosts = work.targets.map(({ name, user }) => {
    const settings = { site_user: user, ssh_config_file: config, ssh_strict_host_key_checking: 'yes' }
    return `    (${JSON.stringify(name)}, ${JSON.stringify(settings)}),\n`
  })
  const path = join(work.folder, 'inventory.py')
  mkdirSync(work.folder, { recursive: true })
  writeFileSync(path, `hosts = [\n${hosts.join('')}]\n`)
  return path
}
