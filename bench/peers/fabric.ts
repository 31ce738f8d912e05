import { join } from 'node:path'
import type { Peer } from '../peer.ts'
import { secretKey } from './secret-key.ts'
import { sshConfig } from './ssh-config.ts'
import { program, virtualenv } from './virtualenv.ts'

/** Has no dry run: `fab --dry` takes each question for answered with yes, and so tells nothing of the host. */
export const fabric: Peer = {
  name: 'Fabric',
  id: 'fabric',
  install: async (folder) => {
    await virtualenv({ folder, packages: [`fabric==${version}`, 'jinja2==3.1.6'] })
    return version
  },
  command: (work) => {
    if (work.scenario === 'dry-run') return undefined
    const hosts = work.targets.map(({ name }) => name).join(',')
    const settings = ['-r', join(import.meta.dirname, 'fabric'), '-S', sshConfig(work)]
    const what = work.targets.length === 1 ? ['-H', hosts, 'deploy'] : ['deploy-all', '--hosts', hosts]
    return {
      file: program(work.folder, 'fab'),
      words: [...settings, ...what, '--site', work.site, '--project', work.project],
      cwd: work.folder,
      env: { SECRET_KEY: secretKey(work.site) },
    }
  },
  isNoop: (output) => {
    const counts = [...output.matchAll(/^\S+: (\d+) changed$/gm)].map(([, count]) => count)
    return counts.length > 0 && counts.every((count) => count === '0')
  },
}

const version = '3.2.3'
