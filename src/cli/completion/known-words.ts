import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { loadApp } from '../../config/load-app.ts'
import type { App, Host } from '../../core/app.ts'
import { git } from '../../source/git.ts'
import { door } from '../door.ts'
import { type Candidate, named } from './candidate.ts'

/** What the words of a line may name, each looked up when it is asked for. Nobody is connected to, and what cannot be read has no names. */
export interface KnownWords {
  readonly hosts: () => Promise<readonly Candidate[]>
  /** `@web`, with how many it stands for. */
  readonly groups: () => Promise<readonly Candidate[]>
  readonly sites: () => Promise<readonly Candidate[]>
  readonly stages: () => Promise<readonly Candidate[]>
  readonly sandboxHosts: () => Promise<readonly Candidate[]>
  /** Branches and tags of the local repository. */
  readonly revisions: () => Promise<readonly Candidate[]>
}

export function knownWords({ cwd, config }: { readonly cwd: string; readonly config: string | undefined }): KnownWords {
  const app = async (): Promise<Partial<App>> => {
    const loaded = await loadApp({ cwd, config, door }).catch(() => undefined)
    return loaded?.app ?? {}
  }
  return {
    hosts: async () => {
      const { hosts = {} } = await app()
      const configured = Object.values(hosts).map((host) => ({ value: host.name, summary: whereabouts(host) }))
      return [...named(sshAliases(), 'of ssh_config'), ...(await sandboxHosts()), ...configured]
    },
    groups: async () => {
      const { groups = {} } = await app()
      return Object.entries(groups).map(([name, members]) => ({
        value: `@${name}`,
        summary: members.length === 1 ? '1 host' : `${members.length} hosts`,
      }))
    },
    sites: async () => {
      const { sites = {} } = await app()
      return Object.values(sites).map(({ name, host }) => ({ value: name, summary: `on ${host}` }))
    },
    stages: async () => named(Object.keys((await app()).stages ?? {})),
    sandboxHosts,
    revisions: async () => named(await revisionsIn(cwd)),
  }
}

function whereabouts({ name, address, user }: Host): string {
  if (user !== undefined) return `${user}@${address}`
  return address === name ? '' : address
}

/** As they are written down, and no more: to list them would take down what killed runs left. */
async function sandboxHosts(): Promise<readonly Candidate[]> {
  const { isAbandoned, readStates } = await import('../../sandbox/state.ts')
  return readStates()
    .filter((state) => !isAbandoned(state))
    .map(({ name, debian }) => ({ value: name, summary: `sandbox host, Debian ${debian}` }))
}

/** The names that the person's own ssh_config has sections for; files that it includes are not followed. */
function sshAliases(): readonly string[] {
  const sections = textOf(path.join(homedir(), '.ssh/config')).matchAll(/^[ \t]*Host[ \t=]+(.*)$/gim)
  return [...sections].flatMap(([, words = '']) => words.split(/\s+/)).filter((word) => /^[^\s"!*?#]+$/.test(word))
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

async function revisionsIn(cwd: string): Promise<readonly string[]> {
  const words = ['for-each-ref', '--format=%(refname:short)', '--sort=-creatordate', '--count=500']
  const said = await git([...words, 'refs/heads', 'refs/tags'], { cwd }).catch(() => '')
  return said === '' ? [] : ['HEAD', ...said.toString().split('\n')]
}
