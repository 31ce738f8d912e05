import { beforeAll, expect, it } from 'vitest'
import { loadTemplate } from '../../src/config/template.ts'
import { content } from '../../src/core/data.ts'
import type { Step } from '../../src/core/step.ts'
import { followUp } from '../../src/core/step.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { authorizedKey, sameKeys } from '../../src/steps/authorized-key.ts'
import { firewall } from '../../src/steps/firewall.ts'
import { homeOf } from '../../src/steps/home.ts'
import { homeReachable } from '../../src/steps/home-reachable.ts'
import { packages } from '../../src/steps/packages.ts'
import { repository } from '../../src/steps/repository.ts'
import { enabled, service, started } from '../../src/steps/service.ts'
import { daemonReload, systemdUnit } from '../../src/steps/systemd-unit.ts'
import { user } from '../../src/steps/user.ts'
import { provisioned } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'
import { reasonOf, runOn, stepsThat } from './run-on.ts'

const unit = (command: string) => content(`[Service]\nExecStart=${command}\n[Install]\nWantedBy=multi-user.target\n`)
const worker = systemdUnit({ name: 'worker.service', content: unit('/usr/bin/sleep infinity') })
const key = `ssh-ed25519 ${'A'.repeat(64)}bcd= somebody's "key" $(id)`
const template = (name: string) => content(loadTemplate(name, { projectRoot: '/nonexistent' }).text)
const wall = firewall({
  ports: [80, 443],
  sshPort: 2222,
  rules: template('firewall.template.nft'),
  unit: template('firewall-systemd.service'),
})

interface Row {
  readonly given: string
  /** Done as root beforehand. */
  readonly prepare?: string
  readonly steps: readonly Step[]
  readonly changed: readonly string[]
  /** Asked as root afterwards, and its answer. */
  readonly look?: string
  readonly leaves?: string
}

// In this order: a row may build on those before it.
const rows: readonly Row[] = [
  {
    given: 'a user that is missing',
    steps: [user({ name: 'ann' })],
    changed: ['user ann'],
    look: 'stat -c "%a %U" /home/ann; getent passwd ann | cut -d: -f7',
    leaves: '750 ann\n/bin/bash\n',
  },
  { given: 'a user that is there', steps: [user({ name: 'ann' })], changed: [] },
  {
    given: 'a user with another shell and without a group',
    steps: [user({ name: 'ann', shell: '/bin/sh', groups: ['adm', 'staff'] })],
    changed: ['user ann'],
    look: 'id -nG ann; getent passwd ann | cut -d: -f7',
    leaves: 'ann adm staff\n/bin/sh\n',
  },
  {
    given: 'no key at all',
    steps: [authorizedKey({ user: 'ann', key })],
    changed: ['authorized key of ann: AAAAAAAAAAAAbcd='],
    look: 'stat -c "%a %U" /home/ann/.ssh /home/ann/.ssh/authorized_keys; cat /home/ann/.ssh/authorized_keys',
    leaves: `700 ann\n600 ann\n${key}\n`,
  },
  {
    given: 'the key with other options and comment',
    prepare: `printf 'restrict %s' '${key.replaceAll("'", '')}' >/home/ann/.ssh/authorized_keys`,
    steps: [authorizedKey({ user: 'ann', key })],
    changed: [],
  },
  {
    given: 'keys of root that ann lacks, in a file without a last newline',
    prepare:
      "printf '# mine' >/home/ann/.ssh/authorized_keys; printf 'command=\"id\" ssh-rsa AAAAnot-this\\n' >>/root/.ssh/authorized_keys",
    steps: [sameKeys({ of: 'root', user: 'ann' })],
    changed: ['keys of root for ann'],
    look: 'head -n 1 /home/ann/.ssh/authorized_keys; wc -l </home/ann/.ssh/authorized_keys; grep -c not-this /home/ann/.ssh/authorized_keys',
    leaves: '# mine\n2\n0\n',
  },
  {
    given: 'a home folder that is open already',
    prepare: 'chmod 755 /home/ann',
    steps: [homeOf('ann'), homeReachable({ user: 'ann' })],
    changed: [],
  },
  {
    given: 'a private home folder',
    prepare: 'chmod 700 /home/ann; mkdir -p /home/ann/sites; echo page >/home/ann/sites/page',
    steps: [homeOf('ann'), homeReachable({ user: 'ann' })],
    changed: ['home of ann reachable'],
    look: 'setpriv --reuid www-data --regid www-data --init-groups sh -c "cat /home/ann/sites/page; ls /home/ann 2>&1"; setpriv --reuid nobody --regid nogroup --clear-groups cat /home/ann/sites/page 2>&1',
    leaves:
      "page\nls: cannot open directory '/home/ann': Permission denied\ncat: /home/ann/sites/page: Permission denied\n",
  },
  {
    given: 'a unit that is missing',
    steps: [worker, daemonReload({ after: [worker] }), started('worker.service', { after: [worker] })],
    changed: ['daemon-reload', 'started worker.service', 'unit worker.service'],
    look: 'systemctl is-active worker; systemctl is-enabled worker',
    leaves: 'active\ndisabled\n',
  },
  {
    given: 'a unit that is not enabled',
    steps: [enabled('worker.service')],
    changed: ['enabled worker.service'],
    look: 'systemctl is-enabled worker',
    leaves: 'enabled\n',
  },
  {
    given: 'a restart that is owed',
    prepare: ': >/var/lib/tasks/owed/worker-restart; systemctl show -P MainPID worker >/root/before',
    steps: [service({ unit: 'worker.service', running: true, pays: followUp('worker-restart') })],
    changed: ['service worker.service (worker-restart)'],
    look: '[ "$(systemctl show -P MainPID worker)" != "$(cat /root/before)" ] && systemctl is-active worker',
    leaves: 'active\n',
  },
  {
    given: 'a unit that must not run',
    steps: [service({ unit: 'worker.service', enabled: false, running: false })],
    changed: ['service worker.service'],
    look: 'systemctl is-active worker; systemctl is-enabled worker',
    leaves: 'inactive\ndisabled\n',
  },
  {
    given: 'a template unit',
    steps: [systemdUnit({ name: 'worker@.service', content: unit('/nowhere/yet %i') })],
    changed: ['unit worker@.service'],
  },
  {
    given: 'sshd on a second port, and a port that is configured',
    prepare: "echo 'Port 2200' >/etc/ssh/sshd_config.d/x.conf; echo 'Port 22' >>/etc/ssh/sshd_config.d/x.conf",
    steps: [wall],
    changed: ['firewall'],
    look: 'nft list chain inet tasks input | grep -o "dport {.*"',
    leaves: 'dport { 22, 80, 443, 2200, 2222 } accept\n',
  },
  {
    given: 'a flushed rule set',
    prepare: 'nft flush ruleset; nft add table inet somebody',
    steps: [wall],
    changed: ['firewall'],
    look: 'nft list tables',
    leaves: 'table inet somebody\ntable inet tasks\n',
  },
  {
    given: 'ufw in use',
    prepare:
      'DEBIAN_FRONTEND=noninteractive apt-get -y -q install ufw >/dev/null && ufw allow 22/tcp && ufw --force enable',
    steps: [wall],
    changed: ['firewall'],
    look: 'ufw status | grep -c ALLOW',
    leaves: '10\n',
  },
]

onHosts('the steps of a system', () => {
  let host: SandboxHost
  beforeAll(async () => {
    host = await withHost({ debian: 13, from: await provisioned(13) })
  })
  const root = async (text: string) => (await ssh(host, text, 'root')).stdout

  it.each(rows)('change what they announced, and once: $given', async ({ prepare, steps, changed, look, leaves }) => {
    if (prepare) expect((await ssh(host, prepare, 'root')).code).toBe(0)
    const announced = await runOn(host, steps, { mode: 'dry-run' })
    const done = await runOn(host, steps)
    expect(reasonOf(done)).toBeUndefined()
    expect(stepsThat(done, 'changed')).toEqual(changed)
    expect(stepsThat(announced, 'would change', 'after')).toEqual(changed)
    expect(stepsThat(await runOn(host, steps), 'changed')).toEqual([])
    if (look) expect(await root(look)).toBe(leaves)
  })

  it('install from a repository of the host itself, and finish an interrupted dpkg first', async () => {
    await root(localRepository)
    await root(
      'rm -f /var/lib/dpkg/info/broken.postinst; mkdir -p /srv/broken/DEBIAN && printf "Package: broken\\nVersion: 1\\nArchitecture: all\\nMaintainer: x\\nDescription: x\\n" >/srv/broken/DEBIAN/control && dpkg-deb -b /srv/broken /srv/broken.deb && dpkg --unpack /srv/broken.deb',
    )
    const source = repository({ name: 'ours', uris: ['file:/srv/packages'], suites: ['./'], trusted: true })
    const steps = [...source, packages(['greeting'])]
    expect(stepsThat(await runOn(host, steps), 'changed')).toEqual([
      'file /etc/apt/sources.list.d/ours.sources',
      'packages greeting',
    ])
    expect(await root('cat /usr/share/greeting; dpkg -s broken | grep -c "ok installed"')).toBe('hello\n1\n')
    expect(stepsThat(await runOn(host, steps), 'changed')).toEqual([])
  })

  it('say what cannot be installed, and that a unit is wrong or masked', async () => {
    expect(reasonOf(await runOn(host, [packages(['no-such-package-at-all'])]))).toBe(
      'Cannot install "no-such-package-at-all", because the host\'s package sources know no package "no-such-package-at-all".',
    )
    const wrong = systemdUnit({
      name: 'wrong.service',
      content: content('[Service]\nExecStart=/bin/true\nRestrat=always\n'),
    })
    expect(reasonOf(await runOn(host, [wrong]))).toMatch(
      /^Cannot install the unit "wrong.service", because its line 3 is wrong: Unknown key/,
    )
    expect(await root('ls -A /etc/systemd/system | grep -E "wrong|tasks-.*new"')).toBe('')
    await root('systemctl mask nothing.service')
    expect(reasonOf(await runOn(host, [started('nothing.service')]))).toBe(
      'Cannot start "nothing.service", because somebody masked it on the host.',
    )
    expect(reasonOf(await runOn(host, [started('absent.service')]))).toBe(
      'Cannot start "absent.service", because the host has no such unit.',
    )
  })
})

const localRepository = `
mkdir -p /srv/packages /srv/greeting/DEBIAN /srv/greeting/usr/share && echo hello >/srv/greeting/usr/share/greeting
printf 'Package: greeting\\nVersion: 1\\nArchitecture: all\\nMaintainer: x\\nDescription: x\\n' >/srv/greeting/DEBIAN/control
cd /srv/packages && dpkg-deb -b /srv/greeting greeting.deb >/dev/null
{ cat /srv/greeting/DEBIAN/control; printf 'Filename: ./greeting.deb\\nSize: %s\\nSHA256: %s\\n' "$(stat -c %s greeting.deb)" "$(sha256sum <greeting.deb | cut -d' ' -f1)"; } >Packages`
