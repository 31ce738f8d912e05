import { execFile } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { bad, type Found, ok, warn } from '../core/finding.ts'

/** What this machine has to have, and what it is looked for with. */
export interface Machine {
  /** Version of the program, and the oldest Node that it runs on. */
  readonly tasks: { readonly version: string; readonly node: string }
  readonly home: string
  readonly node: string
  /** Starts a program; what it printed, on both outputs, or undefined where there is no such program. */
  readonly run: (command: string, ...words: readonly string[]) => Promise<Ran | undefined>
}

interface Ran {
  readonly code: number
  readonly said: string
}

export async function machineFindings(machine: Machine): Promise<readonly Found[]> {
  const { tasks, run } = machine
  const [git, ssh, agent] = await Promise.all([run('git', '--version'), run('ssh', '-V'), run('ssh-add', '-l')])
  return [
    ok('tasks', tasks.version),
    nodeFinding(machine.node, tasks.node),
    git === undefined
      ? bad('git', 'it is not installed', 'install git')
      : ok('git', /[\d.]+\d/.exec(git.said)?.[0] ?? git.said.trim()),
    ssh === undefined
      ? warn('OpenSSH', 'it is not installed: ~/.ssh/config is not read', "install OpenSSH's client")
      : ok('OpenSSH', /OpenSSH_(\S+?),? /.exec(ssh.said)?.[1] ?? (ssh.said.trim() || 'installed')),
    keysFinding(agent, machine.home),
  ]
}

/** Starts a program of this machine, within ten seconds. */
export function runHere(command: string, ...words: readonly string[]): Promise<Ran | undefined> {
  return new Promise((resolve) => {
    execFile(command, words, { timeout: 10_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      resolve(code === 'ENOENT' ? undefined : { code: typeof code === 'number' ? code : 1, said: stdout + stderr })
    })
  })
}

function nodeFinding(node: string, range: string): Found {
  const oldest = /[\d.]+/.exec(range)?.[0] ?? '0'
  const isNewEnough = node.localeCompare(oldest, 'en', { numeric: true }) >= 0
  return isNewEnough ? ok('Node', node) : bad('Node', `${node} is too old`, `install Node ${oldest} or newer`)
}

function keysFinding(agent: Ran | undefined, home: string): Found {
  const files = keyFiles(path.join(home, '.ssh'))
  const open = files.find((file) => ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0)
  const held = agent?.code === 0 ? agent.said.trim().split('\n').length : 0
  if (open !== undefined)
    return warn('keys', `others may read ${open}, and ssh does not use it so`, `run: chmod 600 ${open}`)
  const words = [
    ...(held === 0 ? [] : [`${held} in the agent`]),
    ...files.map((file) => `~/.ssh/${path.basename(file)}`),
  ]
  if (words.length > 0) return ok('keys', words.join(', '))
  return warn('keys', 'there is none, in an agent or in ~/.ssh', 'run: ssh-keygen -t ed25519')
}

function keyFiles(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => /^id_\w+$/.test(name))
    return names.sort().map((name) => path.join(folder, name))
  } catch {
    return []
  }
}
