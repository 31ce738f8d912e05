import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Finding } from '../../src/core/finding.ts'
import { idlePaths, type SandboxHost, upperEntries } from '../../src/sandbox/index.ts'
import { program, tasks } from '../cli/command-line.ts'
import { inTerminal } from '../cli/terminal.ts'
import { page } from './deploy-on.ts'
import { deployed, exampleProject, site } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'

onHosts('tasks doctor', () => {
  let host: SandboxHost
  let project: string
  beforeAll(async () => {
    host = await withHost({ debian: 13, from: await deployed(13) })
    project = await exampleProject()
    const config = { hosts: { [host.name]: {} }, sites: { [site.name]: { host: host.name } } }
    await writeFile(join(project, 'tasks.config.json'), JSON.stringify(config))
  })
  afterAll(() => rm(project, { recursive: true, force: true }))

  const asRoot = async (text: string) => expect(await ssh(host, text, 'root')).toMatchObject({ code: 0 })
  const diagnosed = async () => {
    const { stdout } = await tasks(['doctor', '--json'], { cwd: project })
    return stdout
      .trimEnd()
      .split('\n')
      .map((line): Finding => JSON.parse(line))
  }
  /** All that is not well with the host, and with what nginx serves. */
  const troubles = (found: readonly Finding[]) =>
    found
      .filter(({ about, title, status }) => status !== 'ok' && (about === host.name || title === 'nginx'))
      .map(({ title, status, detail, hint }) => `${title} ${status}: ${detail} → ${hint}`)

  it('finds nothing wrong with a host that serves its site, and changes nothing there', async () => {
    // The application opens its database with the first request, and so makes it a file of this host.
    await page(host, site.name)
    const before = upperEntries(host.upper, idlePaths)
    const found = await diagnosed()
    expect(upperEntries(host.upper, idlePaths)).toEqual(before)
    expect(troubles(found)).toEqual([])
    expect(found).toContainEqual({ about: host.name, title: 'ports', status: 'ok', detail: 'nginx listens on 80' })
    expect(found).toContainEqual({
      about: site.name,
      title: 'nginx',
      status: 'ok',
      detail: 'serves release 1, with status 200',
    })
  })

  it.each([
    {
      what: 'a disk that is full',
      damage: 'mount -t tmpfs -o size=64k tmpfs /srv',
      repair: 'umount /srv',
      found: ['disk bad: full: 0 MiB are free at /srv → run on the host: df -h /srv'],
    },
    {
      what: 'a unit that has failed',
      damage: 'systemd-run --quiet --wait --unit broken-thing false || :',
      repair: 'systemctl reset-failed',
      found: ['systemd warn: degraded: broken-thing.service failed → run on the host: systemctl --failed'],
    },
    {
      what: 'another server on its port',
      damage: `systemctl stop nginx && systemd-run --quiet --unit other perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalPort => 80, Listen => 5) or die; while (my $c = $s->accept) { print $c "HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n"; }' && until ss -ltn | grep -q ':80 '; do sleep 0.1; done`,
      repair: 'systemctl stop other; systemctl start nginx',
      found: [
        "ports bad: perl listens on 80 → stop it; to see it, run on the host: sudo ss -ltnp 'sport = :80'",
        `nginx warn: answers with status 200, and not from a release → run: tasks status --site ${site.name}`,
      ],
    },
    {
      what: 'nginx that is stopped',
      damage: 'systemctl stop nginx',
      repair: 'systemctl start nginx',
      found: [`nginx bad: nginx does not answer for it → run: tasks status --site ${site.name}`],
    },
    {
      what: 'a release that is stopped',
      damage: `systemctl stop gunicorn-${site.name}@1`,
      repair: `systemctl start gunicorn-${site.name}@1`,
      found: [`nginx bad: it answers with status 502 → run: tasks status --site ${site.name}`],
    },
    {
      what: 'a user who may not use sudo, as far as that can be told without a password',
      damage: 'mkdir /root/sudo && mv /etc/sudoers.d/* /root/sudo/',
      repair: 'mv /root/sudo/* /etc/sudoers.d/ && rmdir /root/sudo',
      found: [
        'sudo warn: it wants a password of elspeth, who is in none of its groups → as root on the host: usermod -aG sudo elspeth',
      ],
    },
    {
      what: 'a host without sudo',
      damage: 'mv /usr/bin/sudo /root/sudo',
      repair: 'mv /root/sudo /usr/bin/sudo',
      found: ['sudo bad: there is none → log in as root: --host root@…'],
    },
    {
      what: 'another system',
      damage:
        'cp /etc/os-release /root/ && rm /etc/os-release && printf \'ID=fedora\\nPRETTY_NAME="Fedora Linux 42"\\n\' >/etc/os-release',
      repair: 'ln -sf ../usr/lib/os-release /etc/os-release',
      found: ['system bad: Fedora Linux 42: not Debian or Ubuntu → install Debian 12 or 13 on it'],
    },
  ])('tells of $what', async ({ damage, repair, found }) => {
    await asRoot(damage)
    const told = await diagnosed()
    await asRoot(repair)
    expect(troubles(told)).toEqual(found)
  })

  it('asks for the password of sudo on a terminal, and tells whether that is of use', async () => {
    await asRoot("mkdir /root/sudo && mv /etc/sudoers.d/* /root/sudo/ && echo 'elspeth:correct horse' | chpasswd")
    const asked = async () => {
      const turns = [[/sudo password of elspeth on/, 'correct horse\r']] as const
      const { screen } = await inTerminal([process.execPath, program, 'doctor'], turns, {
        cwd: project,
        env: { TASKS_DEV: '1' },
      })
      return screen
    }
    const refused = await asked()
    await asRoot('usermod -aG sudo elspeth')
    const taken = await asked()
    await asRoot('gpasswd -d elspeth sudo && mv /root/sudo/* /etc/sudoers.d/ && rmdir /root/sudo')
    expect(refused).toMatch(/✖ sudo +elspeth may not use it\r?\n +→ as root on the host: usermod -aG sudo elspeth/)
    expect(taken).toMatch(/✔ sudo +elspeth needs a password, and it is right/)
    expect(refused + taken).not.toContain('correct horse')
  })
})
