import { describe, expect, it, test } from 'vitest'
import { content } from '../../src/core/data.ts'
import { explainApt } from '../../src/steps/apt-failure.ts'
import { authorizedKey } from '../../src/steps/authorized-key.ts'
import { nginxSite } from '../../src/steps/nginx.ts'
import { explainNginx } from '../../src/steps/nginx-failure.ts'
import { packages } from '../../src/steps/packages.ts'
import { repository } from '../../src/steps/repository.ts'
import { supportedSystem } from '../../src/steps/supported-system.ts'
import { systemdUnit } from '../../src/steps/systemd-unit.ts'
import { user } from '../../src/steps/user.ts'

// What the tools really print, shortened.
describe('what APT says is told as the reason', () => {
  it.each([
    ['E: Unable to locate package ngnix', 'the host\'s package sources know no package "ngnix"'],
    [
      "E: Package 'python3.12' has no installation candidate",
      'the host\'s package sources name "python3.12" and do not offer it',
    ],
    [
      "Err:1 http://mirror.example bookworm InRelease\n  Temporary failure resolving 'mirror.example'\nE: Failed to fetch http://mirror.example/x",
      'the host cannot find the address of "mirror.example"',
    ],
    [
      '  Could not connect to mirror.example:80 (192.0.2.1). - connect (113: No route to host)',
      'the host cannot reach "mirror.example:80"',
    ],
    ["E: You don't have enough free space in /var/cache/apt/archives/.", 'the disk of the host is full'],
    [
      'dpkg: error: cannot copy extracted data: failed to write (No space left on device)\nErrors were encountered while processing:\n nginx',
      'the disk of the host is full',
    ],
    [
      'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4711 (unattended-upgr)',
      'another program goes on using APT: process 4711 (unattended-upgr)',
    ],
    [
      'Waiting for APT, which is used by process 4711 (apt-get -y upgrade).\nstill in use: 4711 (apt-get -y upgrade)',
      'another program goes on using APT: process 4711 (apt-get -y upgrade)',
    ],
    [
      'E: Held packages were changed and -y was used without --allow-change-held-packages.',
      'one of them, or of those that they need, is held at the version that the host has',
    ],
    [
      'dpkg: error processing package nginx (--configure):\nErrors were encountered while processing:\n nginx\nE: Sub-process /usr/bin/dpkg returned an error code (1)',
      'the package "nginx" fails while it is set up',
    ],
    [
      "W: GPG error: http://x y InRelease: The following signatures couldn't be verified because the public key is not available: NO_PUBKEY F23C5A6CF475977595C89F51BA6932366A755776",
      'a package source is signed with a key that the host does not know',
    ],
    [
      "E: The repository 'http://ppa.example/ubuntu bookworm Release' does not have a Release file.",
      'the package source "http://ppa.example/ubuntu bookworm Release" does not offer what this release of the system needs',
    ],
  ])('%s', (output, because) => {
    expect(explainApt({ output }, ['nginx', 'git'])?.message).toBe(`Cannot install "nginx", "git", because ${because}.`)
  })

  it('and what is none of it is left as it was said', () => {
    expect(explainApt({ output: 'E: something new' }, ['nginx'])).toBeUndefined()
  })
})

describe('what nginx says is told as the reason', () => {
  it.each([
    [
      '2026/11/22 02:23:08 [emerg] 10871#10871: unknown directive "junk" in /etc/nginx/sites-enabled/old.example.com:12\nnginx: configuration file /etc/nginx/nginx.conf test failed',
      'nginx refuses its configuration at /etc/nginx/sites-enabled/old.example.com:12: unknown directive "junk"',
    ],
    [
      'nginx: [emerg] a duplicate default server for 0.0.0.0:80 in /etc/nginx/sites-enabled/x:3',
      'nginx refuses its configuration at /etc/nginx/sites-enabled/x:3: a duplicate default server for 0.0.0.0:80',
    ],
    [
      'nginx: [emerg] host not found in upstream "app"',
      'nginx refuses its configuration: host not found in upstream "app"',
    ],
    [
      'nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\nLISTEN 0 511 *:80 *:* users:(("apache2",pid=1,fd=4))',
      '"apache2" already listens on port 80',
    ],
    ['nginx: [emerg] bind() to [::]:80 failed (98: Unknown error)', 'another program already listens on port 80'],
    [
      'Failed to enable unit: Unit file /etc/systemd/system/nginx.service is masked.',
      'somebody masked nginx.service on the host',
    ],
    [
      'another run is still trying its configuration\n',
      "another run has been at nginx's configuration for two minutes",
    ],
  ])('%s', (output, because) => {
    expect(explainNginx({ output }, { deed: 'serve sites' })?.message).toBe(`Cannot serve sites, because ${because}.`)
  })
})

test('a file that nginx refuses is told to be of our making, or not to be', () => {
  const output = 'nginx: [emerg] unknown directive "junk" in /etc/nginx/sites-enabled/b:2'
  const told = (file: string) => explainNginx({ output }, { deed: 'set up the site "a" in nginx', files: [file] })
  expect(told('/etc/nginx/sites-enabled/b')).toEqual({
    message:
      'Cannot set up the site "a" in nginx, because nginx refuses its configuration at /etc/nginx/sites-enabled/b:2: unknown directive "junk".',
    hint: 'correct /etc/nginx/sites-enabled/b, then see: nginx -t',
  })
  expect(told('/etc/nginx/sites-enabled/a')).toEqual({
    message:
      'Cannot set up the site "a" in nginx, because nginx refuses a file that is not of our making, at /etc/nginx/sites-enabled/b:2: unknown directive "junk".',
    hint: 'correct /etc/nginx/sites-enabled/b or take it away, then see: nginx -t',
  })
})

test('another system is named', () => {
  const explain = supportedSystem({ host: 'web1' }).explain
  const said = { verdict: 'failed', exitCode: 1, values: {} } as const
  expect(explain?.({ ...said, output: 'system: Alpine Linux v3.20\n' })?.message).toBe(
    'Cannot provision "web1", because it runs Alpine Linux v3.20, not Debian or Ubuntu.',
  )
  expect(explain?.({ ...said, output: 'no systemd\n' })?.message).toBe(
    'Cannot provision "web1", because systemd is not its first process.',
  )
})

test('what can only be a mistake is refused before anything is sent', () => {
  const unit = (name: string) => () => systemdUnit({ name, content: content('') })
  expect(() => packages(['-y'])).toThrow(
    'Cannot install the package "-y", because no Debian package can have that name.',
  )
  expect(() => packages(['git; reboot'])).toThrow(
    'Cannot install the package "git; reboot", because no Debian package can have that name.',
  )
  expect(() => user({ name: '-rf' })).toThrow('Cannot use "-rf" as a user, because it is not a name that Debian takes.')
  expect(() => user({ name: 'a:b' })).toThrow('Cannot use "a:b" as a user, because it is not a name that Debian takes.')
  expect(unit('../x.service')).toThrow(
    'Cannot use "../x.service" as a unit, because it is not a name that systemd takes.',
  )
  expect(unit('x')).toThrow('Cannot use "x" as a unit, because it is not a name that systemd takes.')
  expect(() => authorizedKey({ user: 'deploy', key: 'ssh-ed25519' })).toThrow(
    'Cannot let a key log in as "deploy", because it is not a line of a public key file.',
  )
  expect(() => nginxSite({ site: '../../x', content: content('') })).toThrow(
    'Cannot serve a site named "../../x", because it is not a domain name.',
  )
  expect(() => repository('ppa:$(id)/x')).toThrow(
    'Cannot use the repository "ppa:$(id)/x", because it is neither ppa:OWNER/NAME nor a line that begins with "deb ".',
  )
})
