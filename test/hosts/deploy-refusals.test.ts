import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { commitFiles } from '../kinds/index.ts'
import { deployOn, exampleProject, page, removeProject, stepsOf } from './deploy-on.ts'
import { provisioned } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'

const site = 'staging.example.com'
const settings = readFileSync(join(import.meta.dirname, '../../examples/django/superlists/settings.py'), 'utf8')

onHosts('a deploy that cannot be', () => {
  let host: SandboxHost
  let project: string
  beforeAll(async () => {
    host = await withHost({ debian: 12, from: await provisioned(12) })
    project = await exampleProject()
  })
  afterAll(() => removeProject(project))

  it('says which Python a package wants, what the host has, and what would do', async () => {
    await commitFiles(project, { 'requirements.txt': 'Django==6.0\n' }, 'Django 6')
    const { failure } = await deployOn(host, { project, site })
    expect(failure).toMatchObject({
      message: 'Cannot install "Django==6.0", because it needs Python >=3.12 and this host has 3.11.',
      hint: 'use a host with Debian 13, which has Python 3.13, or ask for an older version',
    })
  })

  it('names a package that does not exist', async () => {
    await commitFiles(project, { 'requirements.txt': 'Django>=5.2,<5.3\nno-such-package-as-this-one==1.0\n' }, 'A typo')
    const { failure } = await deployOn(host, { project, site })
    expect(failure?.message).toBe(
      'Cannot install "no-such-package-as-this-one==1.0", because the package index has no such version for Python 3.11.',
    )
  })

  it('names a module that no requirement brings', async () => {
    await commitFiles(
      project,
      { 'requirements.txt': 'Django>=5.2,<5.3\n', 'superlists/settings.py': `import whitenoise\n${settings}` },
      'Whitenoise',
    )
    const { failure, notes } = await deployOn(host, { project, site })
    expect(failure?.message).toBe(
      `Cannot load the project of "${site}", because it imports "whitenoise", which no requirement brings (superlists/settings.py:1).`,
    )
    expect(notes).toContain('gunicorn is not in "requirements.txt": it is added.')
  })

  it('tells a site that sends everybody to https that there is no certificate', async () => {
    await commitFiles(project, { 'superlists/settings.py': `${settings}\nSECURE_SSL_REDIRECT = True\n` }, 'Be secure')
    const { failure } = await deployOn(host, { project, site })
    expect(failure?.message).toMatch(
      /^Cannot serve release \d of "staging\.example\.com", because it redirects everything to https, and the host has no certificate for it\.$/,
    )
    expect(failure?.hint).toBe('let SECURE_SSL_REDIRECT be False until there is a certificate')
  })

  it('refuses to put a database into a release, where the settings are left alone', async () => {
    const { failure } = await deployOn(host, { project, site, settings: { overlay: false } })
    expect(failure?.message).toMatch(
      /^Cannot deploy "staging\.example\.com", because the database "default" would lie in the release's source and be lost with it: \/home\/elspeth\/sites\/staging\.example\.com\/releases\/\d\/source\/db\.sqlite3\.$/,
    )
    expect(failure?.hint).toBe("let its NAME be a path in the site's database folder, or set app.overlay: true")
  })

  it('leaves uncommitted changes at home, and says so, unless they are asked for', async () => {
    await commitFiles(project, { 'superlists/settings.py': settings }, 'As it was')
    await writeFile(join(project, 'lists/templates/lists/home.html'), 'not committed')
    const committed = await deployOn(host, { project, site })
    expect(committed.failure).toBeUndefined()
    expect(committed.notes).toContain('Not deploying uncommitted changes (1): lists/templates/lists/home.html.')
    expect((await page(host, site)).body).toContain('Start a new To-Do list')
    const asked = await deployOn(host, { project, site, uncommitted: true })
    expect(asked.notes).toContain('Deploying uncommitted changes (1): lists/templates/lists/home.html.')
    expect((await page(host, site)).body).toBe('not committed')
    expect(stepsOf(await deployOn(host, { project, site, uncommitted: true }), 'changed')).toEqual([])
  })

  it('mends what was broken on the host, and only that, as it announced', async () => {
    const folder = `/home/elspeth/sites/${site}`
    const broken = [
      `rm ${folder}/static`,
      `chmod 644 ${folder}/env/stage.env ${folder}/current/env ${folder}/env/secret_key || :`,
      `chmod 755 ${folder}/database`,
      `rm -r ${folder}/current/source`,
      `rm ${folder}/current/facts.json ${folder}/current/overlay/gunicorn.conf.py`,
      `rm ${folder}/virtualenvs/*/.complete`,
      `echo '# mine' >>/etc/systemd/system/gunicorn-${site}@.service`,
      `rm /etc/nginx/sites-enabled/${site} /var/lib/tasks/sockets/${site}.sock`,
      `systemctl disable --now --quiet gunicorn-${site}@$(basename $(readlink ${folder}/current))`,
    ]
    await ssh(host, broken.join('\n'), 'root')
    const announced = await deployOn(host, { project, site, uncommitted: true, mode: 'dry-run' })
    const done = await deployOn(host, { project, site, uncommitted: true })
    expect(done.failure).toBeUndefined()
    const mended = stepsOf(done, 'changed')
    expect(mended).toEqual(stepsOf(announced, 'would change', 'after').filter((step) => !step.startsWith('verify/')))
    expect(mended).toContain('deploy/source')
    expect(mended).not.toContain('deploy/migrated')
    expect(stepsOf(await deployOn(host, { project, site, uncommitted: true }), 'changed')).toEqual([])
  })
})
