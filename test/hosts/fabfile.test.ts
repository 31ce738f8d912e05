import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { tasks } from '../cli/command-line.ts'
import { commitFiles } from '../kinds/index.ts'
import { exampleProject, removeProject } from './deploy-on.ts'
import { provisioned } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'

onHosts('the fabfile of examples/fabfile', () => {
  let host: SandboxHost
  let project: string

  beforeAll(async () => {
    host = await withHost({ debian: 12, from: await provisioned(12) })
    project = await exampleProject()
    const example = join(import.meta.dirname, '../../examples/fabfile')
    for (const part of ['tasks', 'tasks.config.ts'])
      cpSync(join(example, part), join(project, part), { recursive: true })
    const settings = readFileSync(join(project, 'superlists/settings.py'), 'utf8')
    const withStatic = `${settings}STATIC_ROOT = BASE_DIR / "static"\n`
    await commitFiles(project, { 'superlists/settings.py': withStatic }, 'Say where static files go')
    await publish()
  })
  afterAll(() => removeProject(project))

  it('puts the last commit on a host, with all that it needs, and once more changes nothing that is there', async () => {
    expect(await deploy()).toMatchObject({ exitCode: 0 })
    const { stdout } = await ssh(host, `cd sites/staging.example.com && ls -A && cat .env && git log --format=%s -n 1`)
    expect(stdout).toMatch(/^\.env$[\s\S]*^db\.sqlite3$[\s\S]*^static$[\s\S]*^virtualenv$/m)
    expect(stdout).toMatch(/^DJANGO_DEBUG_FALSE=y\nSITENAME=staging\.example\.com\nDJANGO_SECRET_KEY=[a-z0-9]{50}$/m)
    expect(stdout).toMatch(/Say where static files go\n$/)
    await commitFiles(project, { NEWS: 'new\n' }, 'Tell the news')
    await publish()
    const again = await deploy()
    expect(again.exitCode).toBe(0)
    const after = await ssh(host, `cd sites/staging.example.com && cat .env && cat NEWS`)
    expect(after.stdout).toBe(`${stdout.match(/^DJANGO_DEBUG_FALSE[\s\S]*?DJANGO_SECRET_KEY=.*\n/m)?.[0]}new\n`)
    expect(again.stdout + again.stderr).not.toContain(/DJANGO_SECRET_KEY=(.*)/.exec(stdout)?.[1])
  })

  it('tells what it would do, and does nothing, in a dry run', async () => {
    const { exitCode, stdout } = await deploy('--dry-run', '--exit-code')
    expect(exitCode).toBe(3)
    expect(stdout).toBe(`${host.name}  deploy  would run\nDry run: 1 task would run. Nothing was touched.\n`)
  })

  /** The host clones from a folder of its own, as from a server. */
  async function publish(): Promise<void> {
    const bundle = join(project, '.git/all.bundle')
    execFileSync('git', ['bundle', 'create', '--quiet', bundle, 'main', 'HEAD'], { cwd: project })
    await ssh(host, `base64 -d >lists.bundle <<'END'\n${readFileSync(bundle).toString('base64')}\nEND`)
  }

  async function deploy(...flags: readonly string[]) {
    const words = ['deploy', '--host', host.name, '--name', 'staging.example.com', '--repository', '../../lists.bundle']
    return await tasks([...words, ...flags], { cwd: project })
  }
})
