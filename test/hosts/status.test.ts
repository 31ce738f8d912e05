import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SiteStatus } from '../../src/core/event.ts'
import { idlePaths, type SandboxHost, upperEntries } from '../../src/sandbox/index.ts'
import { deploy } from '../../tasks/deploy.ts'
import { status } from '../../tasks/status.ts'
import { projectOf, tasks } from '../cli/command-line.ts'
import { commitFiles } from '../kinds/index.ts'
import { page } from './deploy-on.ts'
import { dueDate } from './example-changes.ts'
import { deployed, exampleProject, type Ran, site, type TaskOptions, taskOn } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'

onHosts('the status of a site', () => {
  describe('on Debian 13', () => {
    let host: SandboxHost
    let project: string
    beforeAll(async () => {
      host = await withHost({ debian: 13, from: await deployed(13) })
      project = await exampleProject()
    }, 300_000)
    afterAll(() => rm(project, { recursive: true, force: true }))

    const asked = (options: TaskOptions = {}) => taskOn(host, status, { project, ...options })
    const asRoot = (text: string) => ssh(host, text, 'root')

    it('tells what serves, since when, how it is and that nothing would change, over one connection, and writes nothing', async () => {
      // The application opens its database with the first request, and so makes it a file of this host.
      await page(host, site.name)
      const before = upperEntries(host.upper, idlePaths)
      const ran = await asked()
      expect(upperEntries(host.upper, idlePaths)).toEqual(before)
      expect([ran.exitCode, ran.because]).toEqual([0, undefined])
      expect(told(ran)).toEqual({
        type: 'site.status',
        host: 'web1',
        site: site.name,
        release: expect.objectContaining({ number: 1, kind: 'deploy', subject: 'To-do lists', isCurrent: true }),
        servesSince: expect.stringMatching(moment),
        unit: {
          name: `gunicorn-${site.name}@1.service`,
          state: 'active',
          since: expect.stringMatching(moment),
          startsAtBoot: true,
          workers: expect.any(Number),
          memory: expect.any(Number),
          restarts: 0,
        },
        health: { isHealthy: true },
        disk: { used: expect.any(Number), free: expect.any(Number) },
        drift: { kind: 'none' },
      })
      expect(told(ran).unit?.workers).toBeGreaterThan(1)
      expect(told(ran).unit?.memory).toBeGreaterThan(20_000_000)
      expect(ran.events.at(-1)).toMatchObject({ type: 'run.finished', wire: { connections: 1, channels: 2 } })
    })

    it('counts as drift what a dry run of a deploy counts, and does not know it where the sources are not here', async () => {
      await commitFiles(project, dueDate, 'Items may have a due date')
      const { counts } = await taskOn(host, deploy, { project, mode: 'dry-run', only: ['provision', 'deploy'] })
      expect(told(await asked()).drift).toEqual({ kind: 'some', steps: counts.wouldChange + counts.after })
      const elsewhere = await asked({ project: projectOf({}) })
      expect([elsewhere.exitCode, told(elsewhere).drift]).toEqual([
        0,
        { kind: 'unknown', because: expect.stringContaining('it is in no git repository') },
      ])
    })

    it('tells of a certificate that nginx has for it', async () => {
      await asRoot(`cd /root && openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/O=Let us try, Inc/CN=${site.name}' -addext subjectAltName=DNS:${site.name} -keyout key -out cert 2>/dev/null
        printf 'server { listen 443 ssl; server_name ${site.name}; ssl_certificate /root/cert; ssl_certificate_key /root/key; }' >/etc/nginx/conf.d/tls.conf
        systemctl reload nginx`)
      expect(told(await asked()).certificate).toEqual({
        issuer: 'Let us try, Inc',
        expires: expect.stringMatching(moment),
        isForSite: true,
      })
      await asRoot('rm /etc/nginx/conf.d/tls.conf; systemctl reload nginx')
    })

    it.each([
      [
        'its release',
        `systemctl stop gunicorn-${site.name}@1`,
        `systemctl start gunicorn-${site.name}@1`,
        'its release does not answer',
      ],
      ['nginx', 'systemctl stop nginx', 'systemctl start nginx', 'nginx does not answer for it'],
      [
        'what leads from nginx to it',
        `mv /var/lib/tasks/sockets/${site.name}.sock /root/sock`,
        `mv /root/sock /var/lib/tasks/sockets/${site.name}.sock`,
        'nginx answers with status 502, and not with the release that is to serve',
      ],
    ])('is down where %s is, with exit code 1', async (_, damage, repair, because) => {
      await asRoot(damage)
      const down = await asked()
      await asRoot(repair)
      expect([down.exitCode, told(down).health]).toEqual([1, { isHealthy: false, because }])
    })

    it('is told as a block for each site of the config; of a named host, also for those that the config does not name', async () => {
      const { hosts, sites } = {
        hosts: { [host.name]: {} },
        sites: { [site.name]: { host: host.name }, 'new.example.com': { host: host.name } },
      }
      await writeFile(join(project, 'tasks.config.json'), JSON.stringify({ hosts, sites }))
      await ssh(host, 'mkdir -p sites/old.example.com/releases')
      const all = await tasks(['status'], { cwd: project })
      expect([all.exitCode, namesIn(all.stdout)]).toEqual([
        1,
        [`${site.name}  healthy`, 'new.example.com  not deployed'],
      ])
      expect(all.stdout).toContain(`would change: tasks deploy --site ${site.name} --dry-run\n`)
      const ofHost = await tasks(['status', '--host', host.name], { cwd: project })
      expect(namesIn(ofHost.stdout)).toEqual([
        `${site.name}  healthy`,
        'new.example.com  not deployed',
        'old.example.com  not deployed',
      ])
      const one = await tasks(['status', '--site', site.name, '--json'], { cwd: project })
      expect([one.exitCode, one.stdout.match(/"type":"site.status"/g)]).toEqual([0, [expect.any(String)]])
    })
  })
})

const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

function told({ events }: Ran): SiteStatus {
  const found = events.flatMap((event) => (event.type === 'site.status' ? [event] : []))
  expect(found).toHaveLength(1)
  return found[0] as SiteStatus
}

function namesIn(text: string): readonly string[] {
  return text.split('\n').filter((line) => /^\S/.test(line))
}
