import type { ChildProcess } from 'node:child_process'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { program } from '../cli/command-line.ts'
import { inTerminal, type Seen, type Turn } from '../cli/terminal.ts'
import { commitFile, exampleProject, provisioned, site } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'

const folder = `/home/elspeth/sites/${site.name}`
const enter = '\r'
const down = '\u001b[B'

onHosts('A secret', () => {
  /** Each stands in some value, and nowhere else in the world. */
  const marks = [12, 12, 12, 12, 12, 12, 12, 60].map((bytes) => randomBytes(bytes).toString('hex'))
  const [password = '', key = '', hostile = '', inUrl = '', newer = '', unicode = '', ofSudo = '', beyond = ''] = marks
  /** Longer than a line of the journal may be: what prints it cuts it, and a hundred characters may be left where it was cut. */
  const long = Array.from({ length: 64 }, () => beyond + randomBytes(440).toString('hex')).join('')
  const dotenv = [
    `EMAIL_PASSWORD=${password}`,
    `SIGNING_KEY="-----BEGIN KEY-----\n${key}\n-----END KEY-----"`,
    `TOKEN='x$HOME "${hostile}" \`id\` \\ $(id) %h'`,
    `DATABASE_URL=postgres://to:${inUrl}%2Fx@db.example.com/to`,
    `LONG=${long}`,
    `UNICODE="žluť'${unicode}'"`,
    'PIN=123',
    `SITENAME=${site.name}`,
    '',
  ].join('\n')
  /** Each mark in a text, with what stands around it. */
  const found = (text: string) =>
    marks
      .filter((mark) => text.includes(mark))
      .map((mark) => text.slice(Math.max(0, text.indexOf(mark) - 300)).slice(0, 600))
  let host: SandboxHost
  let project: string
  const said: string[] = []
  /** Types the password of sudo, and looks at every process of this machine that has to do with it. */
  const typed = async (words: readonly string[], ...turns: readonly Turn[]) => {
    const sudo: Turn = [/sudo password of elspeth on web1:/, ofSudo + enter]
    const seen = await inOwnTerminal(words, { project, marks, turns: [sudo, ...turns] })
    said.push(seen.screen, seen.processes)
    return seen
  }
  const deploy = ['deploy', '--site', site.name]
  const source = (path: string) => readFileSync(join(project, path), 'utf8')

  beforeAll(async () => {
    host = await withHost({ debian: 13, from: await provisioned(13), sudo: 'password' })
    project = await projectFor(host, dotenv)
    const noted = `umask 077; printf '%s\n' ${marks.join(' ')} >/run/marks; echo 'elspeth:${ofSudo}' | chpasswd`
    expect(await ssh(host, noted, 'root')).toMatchObject({ code: 0 })
    await startWatching(host)
  })
  afterAll(() => rm(project, { recursive: true, force: true }))
  afterEach(() => expect(said.flatMap(found)).toEqual([]))

  it('is in nothing that a dry run and a deploy say', async () => {
    isDone(await typed([...deploy, '--dry-run', '--json']))
    isDone(await typed([...deploy, '--verbose']))
    await writeFile(join(project, '.env.staging'), dotenv.replace(password, newer))
    const { screen } = await typed([...deploy, '--dry-run', '--verbose', '--plain'])
    expect(screen).toContain('content differs (secret)')
    expect(screen).toContain('~ EMAIL_PASSWORD')
    isDone(await typed([...deploy, '--print-script']))
  })

  it('is in nothing that a deploy says which fails, at import, at a migration or at its start', async () => {
    const [settings, wsgi] = [source('superlists/settings.py'), source('superlists/wsgi.py')]
    await commitFile(project, 'superlists/settings.py', settings + telling('True'))
    isMasked(await typed([...deploy, '--verbose', '--plain']))
    await commitFile(project, 'superlists/settings.py', settings)
    await commitFile(project, 'lists/migrations/0002_tell.py', migration)
    isMasked(await typed([...deploy, '--json', '--verbose']))
    execFileSync('git', ['rm', '--quiet', 'lists/migrations/0002_tell.py'], { cwd: project })
    await commitFile(project, 'superlists/wsgi.py', wsgi + telling("'TASKS_SOCKET' in os.environ"))
    hasFailed(await typed([...deploy, '--verbose']))
    await commitFile(project, 'superlists/wsgi.py', wsgi)
  })

  it('is in nothing that a rollback, a restart that fails, and its replay say, though this machine has forgotten it', async () => {
    isDone(await typed([...deploy, '--quiet']))
    isDone(await typed(['rollback', '--site', site.name, '--verbose']))
    const bad = Buffer.from(telling('True')).toString('base64')
    await ssh(host, `echo ${bad} | base64 -d >>${folder}/current/source/superlists/wsgi.py`, 'root')
    hasFailed(await typed(['restart', '--site', site.name, '--verbose', '--plain']))
    hasFailed(await typed(['attach', '--site', site.name, '--verbose']))
  })

  it('is in no script that step mode shows', async () => {
    await ssh(host, `echo >>${folder}/env/stage.env`, 'root')
    const { screen, exitCode } = await typed(
      [...deploy, '--step'],
      [/abort[\s\S]*select/, `${down.repeat(3)}${enter}`],
      [/abort[\s\S]*select/, `${down.repeat(4)}${enter}`],
    )
    expect([exitCode, screen.includes('"$v_home"/sites/')], screen.slice(-3000)).toEqual([130, true])
  })

  it('was in no argument and no environment meanwhile, and is in no file but those of its site that are for their owner alone', async () => {
    expect(await watched(host)).toBe('')
    const own = new RegExp(`^600 1000 ${folder}/(env/stage\\.env|releases/\\d+/env)$`)
    const files = filesWith(marks, host.upper).filter((file) => !/^\d+ \d+ \/var\/log\/journal\//.test(file))
    expect(files.filter((file) => !own.test(file))).toEqual([])
    expect(files).toContain(`600 1000 ${folder}/env/stage.env`)
    expect((await ssh(host, elsewhere, 'root')).stdout).toBe('0\n0\nLimitCORE=0\n')
    expect(filesWith(marks, project)).toEqual([expect.stringMatching(/ \/\.env\.staging$/)])
    const all = ['cat-file', '--batch-all-objects', '--batch']
    expect(found(execFileSync('git', all, { cwd: project, encoding: 'latin1' }))).toEqual([])
  })
})

function isDone({ exitCode, screen }: Seen): void {
  expect(exitCode, screen.slice(-3000)).toBe(0)
}

function hasFailed({ exitCode, screen }: Seen): void {
  expect(exitCode, screen.slice(-3000)).toBe(1)
}

/** It failed, and what a machine said of it is shown, and hidden in part. */
function isMasked({ exitCode, screen }: Seen): void {
  expect([exitCode, screen.includes('***')], screen.slice(-3000)).toEqual([1, true])
}

/** Python that says all that it knows, where the condition holds, and ends badly. */
const telling = (condition: string) => `
import os, sys, json, traceback, urllib.parse
if ${condition}:
    print(os.environ, json.dumps(dict(os.environ)), urllib.parse.quote_plus(os.environ['TOKEN']), file=sys.stderr)
    print(urllib.parse.unquote(urllib.parse.urlsplit(os.environ['DATABASE_URL']).password), os.environ['LONG'], flush=True)
    raise RuntimeError(*[os.environ[name] for name in ('EMAIL_PASSWORD', 'SIGNING_KEY', 'TOKEN', 'UNICODE')])
`

const migration = `
import os
from django.db import migrations
def tell(apps, editor):
    raise RuntimeError('could not connect to ' + os.environ['DATABASE_URL'])
class Migration(migrations.Migration):
    dependencies = [('lists', '0001_initial')]
    operations = [migrations.RunPython(tell)]
`

/** Memory-backed folders and bare objects; the system's journal but for what the application itself wrote to it; what a crash would leave. */
const elsewhere = [
  "grep -rlF -f /run/marks /run /tmp /dev/shm /var/tmp /root --devices=skip 2>/dev/null | grep -v -e '^/run/marks$' -e '^/run/log/journal/'",
  `git -C ${folder}/repository.git -c safe.directory='*' cat-file --batch-all-objects --batch | grep -acF -f /run/marks`,
  `journalctl --no-pager --all --output=json | grep -F -f /run/marks | grep -vc '"_SYSTEMD_UNIT":"gunicorn-${site.name}@'`,
  `systemctl show --property=LimitCORE gunicorn-${site.name}@1.service`,
].join('; ')

async function projectFor(host: SandboxHost, dotenv: string): Promise<string> {
  const { address, port, user, identityFile, knownHostsFile } = host
  const project = await exampleProject()
  const config = {
    app: { healthTimeout: 15, healthHold: 1 },
    hosts: { web1: { address, port, user, identityFile, knownHostsFile } },
    stages: { staging: { dotenv: '.env.staging' } },
    sites: { [site.name]: { host: 'web1', stage: 'staging' } },
  }
  await writeFile(join(project, '.env.staging'), dotenv)
  await writeFile(join(project, 'tasks.config.json'), JSON.stringify(config))
  await writeFile(join(project, '.gitignore'), '.env.staging\ntasks.config.json\n.cache/\n.tmp/\n', { flag: 'a' })
  mkdirSync(join(project, '.tmp'))
  return project
}

/**
 * Looks at every process and at every program on the host, again and again, until it is told to stop: at arguments, and at the environment of
 * all but the site's own processes.
 */
async function startWatching(host: SandboxHost): Promise<void> {
  const look = `until [ -e /run/enough ]; do
    grep -laF -f /run/marks /proc/[0-9]*/cmdline /run/tasks/*/program /dev/shm/tasks.*/program /dev/shm/tasks.*/head 2>/dev/null >>/run/seen
    for file in $(grep -laF -f /run/marks /proc/[0-9]*/environ 2>/dev/null); do
      case $(tr "\\0" "\n" <$file 2>/dev/null | grep -oF -e VIRTUAL_ENV= -f /run/marks) in
        "" | *VIRTUAL_ENV=*) ;;
        *) { echo $file; tr "\\0" " " <\${file%environ}cmdline; } >>/run/seen ;;
      esac
    done
    echo >>/run/looks
    sleep 0.05
  done`
  await ssh(host, `nohup sh -c '${look}' >/dev/null 2>&1 &`, 'root')
}

async function watched(host: SandboxHost): Promise<string> {
  const { stdout } = await ssh(host, ': >/run/enough; wc -l </run/looks; cat /run/seen', 'root')
  const [looks, ...seen] = stdout.split('\n')
  expect(Number(looks)).toBeGreaterThan(100)
  return seen.join('\n')
}

interface Typing {
  readonly project: string
  readonly marks: readonly string[]
  readonly turns: readonly Turn[]
}

/** The program as a person starts it, with what its process and its children showed of themselves meanwhile. */
async function inOwnTerminal(words: readonly string[], { project, marks, turns }: Typing) {
  const env = { TASKS_DEV: '1', HOME: project, XDG_CACHE_HOME: join(project, '.cache'), TMPDIR: join(project, '.tmp') }
  const shown = new Set<string>()
  let looking: NodeJS.Timeout | undefined
  const watch = (child: ChildProcess) => {
    looking = setInterval(() => {
      for (const text of processesOf(child)) if (marks.some((mark) => text.includes(mark))) shown.add(text)
    }, 50)
  }
  const seen = await inTerminal([process.execPath, program, ...words], turns, { cwd: project, env, watch })
  clearInterval(looking)
  return { ...seen, processes: [...shown].join('\n') }
}

/** Arguments and environment of a process and of all that it started. */
function processesOf(child: ChildProcess): readonly string[] {
  const all = [String(child.pid)]
  for (const pid of all) all.push(...read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean))
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
