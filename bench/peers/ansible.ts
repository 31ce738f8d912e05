import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command, Peer, Work } from '../peer.ts'
import { secretKey } from './secret-key.ts'
import { sshConfig } from './ssh-config.ts'
import { program, virtualenv } from './virtualenv.ts'

const core = 'ansible-core==2.19.14'

export const ansible: Peer = {
  name: 'Ansible, pipelining',
  id: 'ansible',
  install: async (folder) => {
    await virtualenv({ folder, packages: [core] })
    return '2.19.14'
  },
  command: (work) => playbook(work, {}),
  isNoop,
}

/** The same playbook, with Mitogen's strategy in place of Ansible's own. */
export const mitogen: Peer = {
  name: 'Ansible, Mitogen',
  id: 'mitogen',
  install: async (folder) => {
    await virtualenv({ folder, packages: [core, 'mitogen==0.3.54'] })
    return '2.19.14 with Mitogen 0.3.54'
  },
  command: (work) => {
    const packages = join(work.folder, 'virtualenv/lib', pythonFolder(work.folder), 'site-packages')
    const plugins = join(packages, 'ansible_mitogen/plugins/strategy')
    return playbook(work, { ANSIBLE_STRATEGY_PLUGINS: plugins, ANSIBLE_STRATEGY: 'mitogen_linear' })
  },
  isNoop,
}

function playbook(work: Work, env: Command['env']): Command {
  const { folder, scenario } = work
  const sockets = join(folder, 'sockets')
  mkdirSync(sockets, { recursive: true })
  endMasters(sockets)
  const variables = [`site=${work.site}`, `project=${work.project}`, `cache=${folder}`]
  return {
    file: program(folder, 'ansible-playbook'),
    words: [
      ...['-i', inventory(work), join(here, 'site.yml')],
      ...variables.flatMap((variable) => ['-e', variable]),
      ...(scenario === 'dry-run' ? ['--check', '--diff'] : []),
    ],
    cwd: here,
    env: {
      ANSIBLE_CONFIG: join(here, 'ansible.cfg'),
      ANSIBLE_HOME: join(folder, 'home'),
      ANSIBLE_SSH_CONTROL_PATH_DIR: sockets,
      SECRET_KEY: secretKey(work.site),
      ...env,
    },
  }
}

const here = join(import.meta.dirname, 'ansible')

function inventory(work: Work): string {
  const config = sshConfig(work)
  const lines = work.targets.map(
    ({ name, user }) => `${name} site_user=${user} ansible_ssh_common_args='-F ${config}'\n`,
  )
  const path = join(work.folder, 'inventory.ini')
  writeFileSync(path, lines.join(''))
  return path
}

// Ansible's master connections live on for a minute. A run that found one would be measured without its handshake.
function endMasters(sockets: string): void {
  for (const socket of readdirSync(sockets)) {
    spawnSync('ssh', ['-o', `ControlPath=${join(sockets, socket)}`, '-O', 'exit', 'any'])
  }
}

function pythonFolder(folder: string): string {
  return readdirSync(join(folder, 'virtualenv/lib')).find((name) => name.startsWith('python')) ?? ''
}

function isNoop(output: string): boolean {
  const recap = [...output.matchAll(/: ok=\d+ +changed=(\d+) +unreachable=(\d+) +failed=(\d+)/g)]
  return recap.length > 0 && recap.every(([, ...counts]) => counts.every((count) => count === '0'))
}
