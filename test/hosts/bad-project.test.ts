import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { run } from '../../src/sandbox/shell.ts'
import { tasks } from '../cli/command-line.ts'
import { commitFiles, type Kind, kinds, makeKind, writeFiles } from '../kinds/index.ts'
import { page } from './deploy-on.ts'
import { provisioned } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'

const site = 'staging.example.com'
const other = 'other.example.com'
const flat = kinds.find(({ name }) => name === 'flat') as Kind

onHosts('tasks deploy, of a project that cannot be deployed', () => {
  let host: SandboxHost
  let project: string
  let visitor: Visitor
  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'tasks-bad-project-'))
    await makeKind(flat, project)
    host = await withHost({ debian: 12, from: await provisioned(12) })
    await writeFile(join(project, 'tasks.config.json'), config(host.name))
    const { exitCode, stderr } = await deploy()
    if (exitCode !== 0) throw new Error(stderr)
    visitor = visitorOf(host)
  })
  afterAll(async () => {
    await visitor?.leave()
    await rm(project, { recursive: true, force: true })
  })

  const deploy = (name = site) =>
    tasks(['deploy', '--site', name, '--only', 'deploy,verify', '--plain'], { cwd: project })

  /** Deploys the project with some of its files changed and committed, and takes the commit back. */
  async function deployWith(changes: Readonly<Record<string, string>>) {
    await commitFiles(project, changes, 'A change')
    const { exitCode, stderr } = await deploy()
    await run(['git', '-C', project, 'reset', '--quiet', '--hard', 'HEAD~1'])
    return { exitCode, told: stderr.slice(stderr.indexOf('✖')) }
  }

  it('names the version that the package index does not have', async () => {
    const { exitCode, told } = await deployWith({ 'requirements.txt': 'gunicorn==99.0\nDjango>=5.2,<5.3\n' })
    expect(exitCode).toBe(1)
    expect(told).toMatch(
      /^✖ Cannot install "gunicorn==99\.0", because the package index has no such version for Python 3\.11\.\n {2}\S+ › deploy › staging\.example\.com has a virtualenv with what requirements\.txt asks for\n/,
    )
    expect(told).toMatch(/\n {2}→ check the name and the version in the requirements\n$/)
    expect(Math.max(...told.split('\n').map((line) => line.length))).toBeLessThan(400)
  })

  it('asks for requirements where there are none', async () => {
    await run(['git', '-C', project, 'rm', '--quiet', 'requirements.txt'])
    expect(await deployWith({ README: 'No requirements\n' })).toEqual({
      exitCode: 2,
      told: `✖ Cannot know which packages the site needs, because there is no requirements.txt beside "manage.py" or above it.\n  ${host.name}\n  → commit one, for example: pip freeze > requirements.txt\n`,
    })
  })

  it('says on which line Python stops reading', async () => {
    const { exitCode, told } = await deployWith({ 'mysite/settings.py': '\nDEBUG = = True\n' })
    expect([exitCode, told]).toEqual([
      1,
      `✖ Cannot load the project of "${site}", because of SyntaxError: invalid syntax (mysite/settings.py:2).\n  ${host.name} › deploy › the project of release 2 loads\n  → run on this machine: python manage.py check --deploy\n`,
    ])
  })

  it('names the migration that fails on the rows of the site', async () => {
    const { exitCode, told } = await deployWith({ 'notes/migrations/0002_visit_kind.py': uniqueKind })
    expect(exitCode).toBe(1)
    expect(told).toContain(
      `✖ Cannot migrate the database of "${site}", because the migration notes.0002_visit_kind fails: django.db.utils.IntegrityError: UNIQUE constraint failed: new__notes_visit.kind.\n`,
    )
    expect(told).toMatch(
      /\n {2}→ correct the migration or the rows that it trips over, commit, and deploy again: the release before goes on serving; the database from before is in \S+\/database\/db\.sqlite3\.before-release-2\n$/,
    )
  })

  it('does not switch to a release that answers with an error', async () => {
    const views = 'def page(request):\n    raise RuntimeError("out of ink")\n'
    const { exitCode, told } = await deployWith({ 'notes/views.py': views })
    expect(exitCode).toBe(1)
    expect(told).toMatch(
      /^✖ Cannot serve release 2 of "staging\.example\.com", because "\/" answers with status 500: RuntimeError: out of ink\.\n/,
    )
    expect(told).toMatch(/\n {2}→ run on the host: sudo journalctl -u 'gunicorn-staging\.example\.com@\*'\n$/)
  })

  it('names the undefined variable of a template, before anything is sent', async () => {
    await writeFiles(project, { 'deploy_tools/nginx.template.conf': 'server {\n  listen {{ port }};\n}\n' })
    const { exitCode, stderr } = await deploy()
    await rm(join(project, 'deploy_tools'), { recursive: true })
    expect([exitCode, stderr]).toEqual([
      2,
      `\n✖ Cannot fill in the template "${project}/deploy_tools/nginx.template.conf", because "port" in its line 2 is undefined.\n  ${host.name}\n  → correct the name, or look in the comment at the top of the built-in template for what is defined\n`,
    ])
  })

  it('says that a run died when its program is killed on the host', async () => {
    const killed = ssh(
      host,
      `until pgrep -f 'pi[p] install'; do sleep 0.1; done; kill -9 $(cat /run/tasks/2*/pid)`,
      'root',
    )
    const { exitCode, told } = await deployWith({ 'requirements.txt': 'Django>=5.2,<5.3\ngunicorn\n' })
    expect((await killed).code).toBe(0)
    expect([exitCode, told]).toEqual([
      1,
      `✖ The run on "${host.name}" died in the middle, because the host restarted or the program was killed.\n  ${host.name}\n  → run the same command again: it goes on from there\n`,
    ])
  })

  it('fills no disk with half a virtualenv, and goes on when there is room', async () => {
    const folder = `/home/elspeth/sites/${other}/virtualenvs`
    await ssh(host, `mkdir -p ${folder}`)
    await ssh(host, `mount -t tmpfs -o size=24m,uid=$(id -u elspeth),mode=755 tmpfs ${folder}`, 'root')
    const { exitCode, stderr } = await deploy(other)
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(
        /✖ Cannot build release 1 of "other\.example\.com", because 2\d MiB are free at "\S+\/virtualenvs" and about 200 MiB are wanted\.\n/,
      ),
    ])
    expect(stderr).toMatch(/\n {2}→ run on the host: df -h \S+; app\.keepReleases says how many releases stay\n$/)
    await ssh(host, `mount -o remount,size=300m ${folder}`, 'root')
  })

  it("names the file and the line of another site's configuration that nginx refuses, and leaves nothing of this one", async () => {
    const broken = '/etc/nginx/sites-enabled/zz-broken'
    await ssh(host, `printf 'server {\\n  lisen 80;\\n}\\n' >${broken}`, 'root')
    const { exitCode, stderr } = await deploy(other)
    expect(exitCode).toBe(1)
    expect(stderr).toContain(
      `✖ Cannot set up the site "${other}" in nginx, because nginx refuses a file that is not of our making, at ${broken}:2: unknown directive "lisen".\n`,
    )
    expect(stderr.endsWith(`\n  → correct ${broken} or take it away, then see: nginx -t\n`)).toBe(true)
    expect((await ssh(host, `ls /etc/nginx/sites-*/${other}*`)).stdout).toBe('')
    await ssh(host, `rm ${broken}`, 'root')
    expect((await deploy(other)).exitCode).toBe(0)
    expect((await page(host, other)).headers['x-release']).toBe(`${other}/1`)
  })

  it('lost no request of the release before meanwhile, and what is left of the others is in no way', async () => {
    expect(await visitor.leave()).toEqual([`200 ${site}/1`])
    const again = await deploy()
    expect([again.exitCode, again.stdout]).toEqual([0, expect.stringMatching(/^Nothing to do/)])
    const units = await ssh(host, `systemctl list-units --all --plain --no-legend 'gunicorn-${site}@*'`)
    expect(units.stdout).toMatch(/^\S+@1\.service +loaded +active[^\n]*\n$/)
  })

  it('names the variable that the settings ask for, and deploys when it stands where it said', async () => {
    const settings = `import os\n\nMAP_KEY = os.environ["MAP_KEY"]\n${flat.files['mysite/settings.py']}`
    await commitFiles(project, { 'mysite/settings.py': settings }, 'Maps')
    const because = `✖ Cannot load the settings of "${site}", because they ask the environment for "MAP_KEY" and nobody sets it (mysite/settings.py:3).\n`
    const unset = await deploy()
    expect([unset.exitCode, unset.stderr]).toEqual([1, expect.stringContaining(because)])
    expect(unset.stderr).toMatch(
      /\n {2}→ add MAP_KEY=… to a dotenv file, and name it in the config: stages\.staging\.dotenv\n$/,
    )
    await writeFile(join(project, 'tasks.config.json'), config(host.name, { dotenv: '.env.staging' }))
    await writeFile(join(project, '.env.staging'), 'MAP_KEY=k\n')
    const { exitCode, stderr } = await deploy()
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('uncommitted')])
    expect((await page(host, site)).headers['x-release']).toMatch(/^staging\.example\.com\/\d+$/)
  })
})

function config(host: string, stage = {}): string {
  const sites = Object.fromEntries([site, other].map((name) => [name, { host, stage: 'staging' }]))
  return JSON.stringify({ hosts: { [host]: {} }, stages: { staging: stage }, sites })
}

const uniqueKind = `from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notes", "0001_initial")]
    operations = [migrations.AddField("visit", "kind", models.CharField(max_length=9, default="x", unique=True))]
`

interface Visitor {
  /** All the kinds of answers that were had, once no more is asked. */
  readonly leave: () => Promise<readonly string[]>
}

/** Asks for the page again and again. */
function visitorOf(host: SandboxHost): Visitor {
  const answers = new Set<string>()
  const gone = new AbortController()
  const visits = (async () => {
    while (!gone.signal.aborted) {
      const { status, headers } = await page(host, site)
      answers.add(`${status} ${headers['x-release']}`)
      await pause(250)
    }
  })()
  return {
    leave: async () => {
      gone.abort()
      await visits
      return [...answers]
    },
  }
}
