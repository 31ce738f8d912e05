import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { program } from '../cli/command-line.ts'
import { commitFile, ownProject, provisioned, site } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'

const folder = `/home/elspeth/sites/${site.name}`

onHosts('A secret of the stage', () => {
  /** Each stands on a line of its own in some value, and nowhere else in the world. */
  const marks = Array.from({ length: 3 }, () => randomBytes(12).toString('hex'))
  const [password = '', key = '', hostile = ''] = marks
  const dotenv = `EMAIL_PASSWORD=${password}\nSIGNING_KEY="-----BEGIN KEY-----\n${key}\n-----END KEY-----"\nTOKEN='x$HOME "${hostile}" \`id\` \\'\n`
  let host: SandboxHost
  beforeAll(async () => {
    host = await withHost({ debian: 13, from: await provisioned(13) })
    await ssh(host, `umask 077; printf '%s\n' ${marks.join(' ')} >/run/marks`, 'root')
  })

  it('is nowhere but in the files of its site that are for their owner alone, after a deploy and after one that fails', async () => {
    const project = await ownProject()
    await writeFile(join(project, '.env.staging'), dotenv)
    await writeFile(join(project, 'tasks.config.json'), JSON.stringify(config(host)))
    await writeFile(join(project, '.gitignore'), '.env.staging\ntasks.config.json\n.cache/\n', { flag: 'a' })
    await startWatching(host)
    const words = ['deploy', '--site', site.name]

    const done = await tasks([...words, '--json'], project, marks)
    expect([done.code, done.stderr], done.stdout.slice(-2000)).toEqual([0, ''])
    const settings = readFileSync(join(project, 'superlists/settings.py'), 'utf8')
    const telling = `import os\nprint(os.environ)\nraise RuntimeError(os.environ["EMAIL_PASSWORD"] + os.environ["SIGNING_KEY"] + os.environ["TOKEN"])\n`
    await commitFile(project, 'superlists/settings.py', settings + telling)
    const failed = await tasks([...words, '--verbose', '--plain'], project, marks)
    expect(failed.code, failed.stderr.slice(-2000)).toBe(1)
    expect(failed.stderr).toContain('***')
    const again = await tasks([...words, '--json'], project, marks)
    expect(again.code).toBe(1)

    for (const { stdout, stderr, seen } of [done, failed, again])
      expect(marks.filter((mark) => `${stdout}${stderr}${seen}`.includes(mark))).toEqual([])
    expect(await watched(host)).toBe('')
    expect(filesWith(marks, host.upper).filter((file) => !isOwn(file))).toEqual([])
    expect(filesWith(marks, host.upper)).toContain(`600 1000 ${folder}/env/stage.env`)
    const elsewhere =
      "grep -rlF -f /run/marks /run /tmp /dev/shm /var/tmp /root --devices=skip 2>/dev/null | grep -vx -e /run/marks | grep -v '^/run/systemd/transient'; git -C " +
      `${folder}/repository.git -c safe.directory='*' cat-file --batch-all-objects --batch | grep -acF -f /run/marks; journalctl --no-pager | grep -cF -f /run/marks`
    expect((await ssh(host, elsewhere, 'root')).stdout).toBe('0\n0\n')
    expect(filesWith(marks, project).map((file) => file.split(' ')[2])).toEqual(['/.env.staging'])
  })
})

function config({ address, port, user, identityFile, knownHostsFile }: SandboxHost) {
  return {
    hosts: { web1: { address, port, user, identityFile, knownHostsFile } },
    stages: { staging: { dotenv: '.env.staging' } },
    sites: { [site.name]: { host: 'web1', stage: 'staging' } },
  }
}

/** Looks at every process and at every program on the host, again and again, until it is told to stop. */
async function startWatching(host: SandboxHost): Promise<void> {
  const look = `until [ -e /run/enough ]; do
    grep -laF -f /run/marks /proc/[0-9]*/cmdline /run/tasks/*/program /dev/shm/tasks.*/program /dev/shm/tasks.*/head 2>/dev/null >>/run/seen
    echo >>/run/looks
  done`
  await ssh(host, `nohup sh -c '${look}' >/dev/null 2>&1 &`, 'root')
}

async function watched(host: SandboxHost): Promise<string> {
  const { stdout } = await ssh(host, ': >/run/enough; wc -l </run/looks; cat /run/seen', 'root')
  const [looks, ...seen] = stdout.split('\n')
  expect(Number(looks)).toBeGreaterThan(20)
  return seen.join('\n')
}

/** The program as a person starts it, with what its process and its children showed of themselves meanwhile. */
async function tasks(words: readonly string[], cwd: string, marks: readonly string[]) {
  const env = {
    PATH: process.env.PATH,
    TASKS_DEV: '1',
    NO_COLOR: '1',
    HOME: cwd,
    XDG_CACHE_HOME: join(cwd, '.cache'),
  }
  const child = spawn(process.execPath, [program, ...words], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
  const shown = new Set<string>()
  const looking = setInterval(() => {
    for (const text of processesOf(child)) if (marks.some((mark) => text.includes(mark))) shown.add(text)
  }, 50)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearInterval(looking)
  return { code, ...said, seen: [...shown].join('\n') }
}

/** Arguments and environment of a process and of all that it started. */
function processesOf(child: ChildProcess): readonly string[] {
  const children = new Map<number, number[]>()
  for (const pid of readdirSync('/proc').map(Number).filter(Boolean)) {
    const parent = Number(read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[1])
    children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const all = [child.pid ?? 0]
  for (const pid of all) all.push(...(children.get(pid) ?? []))
  return all.map((pid) => read(`/proc/${pid}/cmdline`) + read(`/proc/${pid}/environ`))
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** Files below a folder that hold one of the marks: mode, owner, path. */
function filesWith(marks: readonly string[], root: string): readonly string[] {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => marks.some((mark) => read(path).includes(mark)))
    .map((path) => `${(lstatSync(path).mode & 0o7777).toString(8)} ${lstatSync(path).uid} ${path.slice(root.length)}`)
    .sort()
}

function isOwn(file: string): boolean {
  const [mode, owner, path = ''] = file.split(' ')
  return mode === '600' && owner === '1000' && new RegExp(`^${folder}/(env/stage\\.env|releases/\\d+/env)$`).test(path)
}
