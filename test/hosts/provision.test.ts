import { beforeAll, expect, it } from 'vitest'
import type { App } from '../../src/core/app.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { sandboxReboot, upperEntries } from '../../src/sandbox/index.ts'
import { run } from '../../src/sandbox/shell.ts'
import { provision } from '../../tasks/provision.ts'
import { floor, onEachDebian, onHosts, ssh, withHost } from './host.ts'
import { reasonOf, runOn, stepsThat } from './run-on.ts'

// What the machine itself writes while anybody looks on: journals, logins, what lives in memory.
const restless = [
  /^\/(run|tmp|proc|sys|dev)(\/|$)/,
  /^\/var\/(log|tmp|lib\/systemd|cache\/ldconfig)(\/|$)/,
  /^\/var\/lib$/,
  /^\/(var|etc)?$/,
  /\/\.cache$/,
  /^\/etc\/\.(updated|pwd\.lock)$/,
  /^\/(root|home)(\/|$)/,
]

onHosts('provision', () => {
  onEachDebian('of a bare Debian %i', (debian) => {
    let host: SandboxHost
    beforeAll(async () => {
      host = await withHost({ debian })
    })

    it('announces what it would change and touches nothing, then changes just that, then nothing', async () => {
      const before = upperEntries(host.upper, restless)
      const announced = await runOn(host, provision, { mode: 'dry-run' })
      expect(upperEntries(host.upper, restless)).toEqual(before)
      const done = await runOn(host, provision)
      expect(reasonOf(done)).toBeUndefined()
      expect(stepsThat(done, 'changed')).toEqual(stepsThat(announced, 'would change', 'after'))
      const again = await runOn(host, provision)
      expect(stepsThat(again, 'met')).toHaveLength(Object.keys(again.verdicts).length)
      expect(again.events.at(-1)).toMatchObject({
        type: 'run.finished',
        wire: { connections: 1, channels: 1, requests: 1 },
      })
    })

    it('lets the new user in by the key of root, and nobody by a password', async () => {
      expect((await ssh(host, 'id -un; ls -d sites; umask', 'deploy')).stdout).toMatch(/^deploy\nsites\n/)
      expect((await ssh(host, 'getent shadow deploy | cut -d: -f2', 'root')).stdout).toBe('*\n')
    })

    it('refuses names that no site has, and shows no default page', async () => {
      const { code, stderr } = await here(`curl -sS -m 10 -H 'Host: unknown.example' http://${host.address}/`)
      expect([code, stderr]).toEqual([52, 'curl: (52) Empty reply from server\n'])
    })

    it('opens SSH and the web, closes the rest, and is back after a reboot', async () => {
      await ssh(host, 'systemd-run --quiet python3 -m http.server 8000 --bind 0.0.0.0; sleep 1', 'root')
      expect((await here(`curl -sS -m 3 http://${host.address}:8000/`)).code).toBe(28)
      expect((await ssh(host, 'curl -sS -o /dev/null -w %{http_code} http://127.0.0.1:8000/', 'root')).stdout).toBe(
        '200',
      )
      await sandboxReboot(host.name)
      expect((await ssh(host, 'systemctl is-active nginx tasks-firewall', 'root')).stdout).toBe('active\nactive\n')
      expect((await here(`curl -sS -m 10 http://${host.address}/`)).code).toBe(52)
    })

    it('repairs what is broken, all of it and only that', async () => {
      const damage = [
        'DEBIAN_FRONTEND=noninteractive apt-get -y -q remove acl nginx >/dev/null',
        'echo "garbage;" >>/etc/nginx/conf.d/tasks.conf',
        'echo junk >>/etc/nginx/sites-available/tasks-catch-all',
        'chmod 600 /etc/nginx/snippets/tasks-listen.conf',
        'rm /etc/nginx/sites-enabled/default',
        'rm -r /home/deploy/sites',
        'setfacl -b /home/deploy 2>/dev/null || chmod g-x /home/deploy',
        'systemctl --quiet disable tasks-firewall',
        'nft flush ruleset',
        'rm /etc/apt/apt.conf.d/52tasks-security-upgrades',
      ]
      for (const one of damage) await ssh(host, one, 'root')
      const announced = await runOn(host, provision, { mode: 'dry-run' })
      const repaired = await runOn(host, provision)
      expect(reasonOf(repaired)).toBeUndefined()
      expect(stepsThat(repaired, 'changed')).toEqual(stepsThat(announced, 'would change', 'after'))
      expect(stepsThat(repaired, 'met')).toEqual(['home', 'keys of root for deploy', 'supported system', 'user deploy'])
    })
  })

  it('works for a user who has sudo, makes the sites theirs, and leaves out what the config switches off', async () => {
    const host = await withHost({ from: await bare() })
    const app: Partial<App> = {
      provision: { firewall: false, unattendedUpgrades: false, packages: ['tree'], repositories: [] },
    }
    const done = await runOn(host, provision, { user: 'elspeth', app })
    expect(reasonOf(done)).toBeUndefined()
    expect(done.verdicts['user elspeth']).toBe('met')
    expect(Object.keys(done.verdicts).filter((name) => /firewall|security|keys/.test(name))).toEqual([])
    expect((await ssh(host, 'stat -c %U ~/sites; tree --version | wc -l; command -v nft || echo no nft')).stdout).toBe(
      'elspeth\n1\nno nft\n',
    )
  })
})

/** A floor with fresh package lists, for tests that begin bare. */
function bare(): Promise<string> {
  return floor({ name: 'bare', make: async (host) => void (await ssh(host, 'apt-get -q update', 'root')) })
}

function here(text: string) {
  return run(['sh', '-c', text])
}
