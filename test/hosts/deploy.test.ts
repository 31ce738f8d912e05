import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type SandboxHost, sandboxReboot } from '../../src/sandbox/index.ts'
import { commitFiles } from '../kinds/index.ts'
import { deployOn, exampleProject, page, removeProject, stepsOf } from './deploy-on.ts'
import { brokenMigration, dueDate, raisesAtImport, withoutIt } from './example-changes.ts'
import { provisioned } from './floors.ts'
import { onEachDebian, onHosts, ssh, withHost } from './host.ts'

const staging = 'staging.example.com'
const production = 'example.com'
const secret = 'p4ss $WORD `x` "quoted" \'too\''

// A stand-in for Python that notes each start.
const countPython = `real=$(readlink -f /usr/bin/python3)
mv "$real" "$real.real"
printf '#!/bin/sh\\necho "$@" >>/run/python-starts\\nexec %s.real "$@"\\n' "$real" >"$real"
chmod 755 "$real"`
const uncountPython = 'real=$(readlink -f /usr/bin/python3); mv "$real.real" "$real"'

onHosts('deploy', () => {
  onEachDebian('to Debian %i', (debian) => {
    let host: SandboxHost
    let project: string
    let dotenv: string
    beforeAll(async () => {
      host = await withHost({ debian, from: await provisioned(debian) })
      project = await exampleProject()
      dotenv = join(await mkdtemp(join(tmpdir(), 'tasks-dotenv-')), '.env.staging')
      await writeFile(dotenv, `EMAIL_PASSWORD=\`${secret.replaceAll('`', '')}\`\n`)
    })
    afterAll(() => removeProject(project))

    it('announces just what it then changes, and serves the site', async () => {
      const announced = await deployOn(host, { project, site: staging, dotenv, mode: 'dry-run' })
      expect(announced.failure).toBeUndefined()
      const done = await deployOn(host, { project, site: staging, dotenv })
      expect(done.failure).toBeUndefined()
      expect(stepsOf(done, 'changed')).toEqual(
        stepsOf(announced, 'would change', 'after').filter((step) => !step.startsWith('verify/')),
      )
      const { status, headers, body } = await page(host, staging)
      expect([status, headers['x-release']]).toEqual([200, `${staging}/1`])
      expect(body).toContain('Start a new To-Do list')
      expect((await page(host, staging, '/static/lists/lists.css')).headers['accept-ranges']).toBe('bytes')
    })

    it('changes nothing when what is wanted runs already, and starts no Python', async () => {
      await ssh(host, countPython, 'root')
      const again = await deployOn(host, { project, site: staging, dotenv })
      expect(stepsOf(again, 'met')).toHaveLength(Object.keys(again.verdicts).length)
      expect(again.events.at(-1)).toMatchObject({
        type: 'run.finished',
        outcome: 'done',
        wire: { connections: 1, channels: 1 },
      })
      const { stdout } = await ssh(host, `python3 -c ''; cat /run/python-starts; ${uncountPython}`, 'root')
      expect(stdout).toBe('-c \n') // the test's own, and no other
    })

    it('makes a release of a new commit, with its migration and its style, in the same virtualenv', async () => {
      await commitFiles(project, dueDate, 'Items may have a due date')
      const done = await deployOn(host, { project, site: staging, dotenv })
      expect(done.failure).toBeUndefined()
      expect(done.verdicts['deploy/virtualenv']).toBe('met')
      expect(done.events).toContainEqual(
        expect.objectContaining({ type: 'release.switched', site: staging, release: 2 }),
      )
      const { headers, body } = await page(host, staging)
      expect([headers['x-release'], body]).toEqual([`${staging}/2`, expect.stringContaining('0 items are due')])
      expect((await page(host, staging, '/static/lists/lists.css')).body).toContain('rebeccapurple')
      expect((await ssh(host, `systemctl list-units --plain --no-legend 'gunicorn-${staging}@*'`)).stdout).toMatch(
        /^\S+@2\.service[^\n]*\n$/,
      )
      const wanted = `systemctl show --property Wants --value multi-user.target | tr ' ' '\\n' | grep gunicorn-${staging}`
      expect((await ssh(host, wanted)).stdout).toBe(`gunicorn-${staging}@2.service\n`)
    })

    it('keeps the release before when a migration fails, and names it', async () => {
      await commitFiles(project, brokenMigration, 'Every list has one item')
      const done = await deployOn(host, { project, site: staging, dotenv })
      expect(done.failure?.message).toBe(
        `Cannot migrate the database of "${staging}", because the migration lists.0003_broken fails: django.db.utils.IntegrityError: no such luck.`,
      )
      expect((await page(host, staging)).headers['x-release']).toBe(`${staging}/2`)
      await commitFiles(project, withoutIt, 'No, they may have more')
    })

    it('keeps the release before when the new one does not load, and says why', async () => {
      await commitFiles(project, raisesAtImport, 'Ask for a key')
      const done = await deployOn(host, { project, site: staging, dotenv })
      expect(done.failure).toMatchObject({
        message: `Cannot load the settings of "${staging}", because they ask the environment for "MAP_KEY" and nobody sets it (superlists/settings.py:1).`,
        hint: expect.stringMatching(/^add MAP_KEY=… to .*\.env\.staging \(stages\.staging\.dotenv\)$/),
      })
      expect((await page(host, staging)).headers['x-release']).toBe(`${staging}/2`)
    })

    it('keeps the release before when the new one is not healthy, stops that, and tells its last words', async () => {
      const views = "def home(request):\n    raise RuntimeError('out of ink')\n\n\nview_list = toggle = home\n"
      await commitFiles(
        project,
        { 'superlists/settings.py': withoutKey(raisesAtImport), 'lists/views.py': views },
        'Break the page',
      )
      const done = await deployOn(host, { project, site: staging, dotenv })
      expect(done.failure?.message).toMatch(
        /^Cannot serve release \d of "staging\.example\.com", because "\/" answers with status 500: RuntimeError: out of ink\.$/,
      )
      expect((await page(host, staging)).headers['x-release']).toBe(`${staging}/2`)
      const units = await ssh(
        host,
        `systemctl list-units --all --plain --no-legend 'gunicorn-${staging}@*'; ls /etc/systemd/system/multi-user.target.wants | grep -c 'gunicorn-${staging}@'`,
      )
      expect(units.stdout).toMatch(/^\S+@2\.service[^\n]*\n1\n$/)
    })

    it('puts a second site beside the first, and leaves that alone', async () => {
      const pid = () => ssh(host, `systemctl show --property MainPID --value 'gunicorn-${staging}@2.service'`)
      const before = (await pid()).stdout
      await commitFiles(project, { 'lists/views.py': dueDate['lists/views.py'] ?? '' }, 'Mend the page')
      const done = await deployOn(host, { project, site: production, aliases: [`www.${production}`] })
      expect(done.failure).toBeUndefined()
      expect((await pid()).stdout).toBe(before)
      expect((await page(host, `www.${production}`)).headers['x-release']).toBe(`${production}/1`)
      expect((await page(host, staging)).headers['x-release']).toBe(`${staging}/2`)
    })

    it('lets the running release start at boot again while it serves on', async () => {
      const unit = `gunicorn-${production}@1.service`
      const pid = async () => (await ssh(host, `systemctl show --property MainPID --value '${unit}'`)).stdout
      const before = await pid()
      await ssh(host, `systemctl --quiet disable '${unit}'`, 'root')
      const done = await deployOn(host, { project, site: production, aliases: [`www.${production}`] })
      expect(done.failure).toBeUndefined()
      expect(stepsOf(done, 'changed')).toContain('deploy/running')
      expect([await pid(), (await page(host, production)).status]).toEqual([before, 200])
    })

    it('answers for both sites after a reboot, by the names that a person types', async () => {
      await sandboxReboot(host.name)
      await ssh(host, `systemctl is-system-running --wait`)
      expect((await page(host, production)).headers['x-release']).toBe(`${production}/1`)
      expect((await page(host, staging)).headers['x-release']).toBe(`${staging}/2`)
      expect((await ssh(host, `systemctl is-active gunicorn-${staging} gunicorn-${production}`)).stdout).toBe(
        'active\nactive\n',
      )
      await ssh(host, `systemctl restart gunicorn-${staging}`, 'root')
      const again = await deployOn(host, { project, site: production, aliases: [`www.${production}`] })
      expect(stepsOf(again, 'changed')).toEqual([])
    })

    it('leaves a secret of the stage nowhere but in the files that are for their owner alone', async () => {
      const places = '/etc /home /root /var/lib/tasks /var/log /run/tasks /tmp /var/tmp'
      const found = await ssh(
        host,
        `grep -rlF 'p4ss $WORD' ${places} 2>/dev/null | xargs -r stat -c '%a %n' | sort`,
        'root',
      )
      const files = found.stdout.split('\n').filter(Boolean)
      expect(files.length).toBeGreaterThan(0)
      for (const file of files)
        expect(file).toMatch(new RegExp(`^600 /home/elspeth/sites/${staging}/(env/stage\\.env|releases/\\d+/env)$`))
    })
  })
})

function withoutKey(files: Readonly<Record<string, string>>): string {
  return (files['superlists/settings.py'] ?? '').replace(/^.*MAP_KEY.*\n/m, '')
}
