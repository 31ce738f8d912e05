import { describe, expect, it } from 'vitest'
import { checkedConfig } from '../../src/config/check.ts'

const host = { address: '203.0.113.10' }

describe('checkedConfig', () => {
  it('fills in every default', () => {
    expect(checkedConfig({}, 'tasks.config.ts')).toEqual({
      app: {
        directory: '.',
        packages: [],
        overlay: true,
        healthPath: '/',
        healthTimeout: 30,
        healthHold: 6,
        strategy: 'side-by-side',
        keepReleases: 5,
        maxBodySize: '10m',
      },
      hosts: {},
      groups: {},
      stages: {},
      sites: {},
      provision: { firewall: true, unattendedUpgrades: true, packages: [], repositories: [] },
      verify: {},
    })
  })

  it.each<[unknown, string, string?]>([
    [{ hosts: { web1: { prot: 22 } } }, 'hosts.web1.prot: unknown key', 'did you mean "port"?'],
    [
      { hosts: { web1: { tunnels: { db: 'localhost' } } } },
      'hosts.web1.tunnels.db: expected a place such as "127.0.0.1:5432" or "/run/postgresql/.s.PGSQL.5432"',
    ],
    [{ host: {} }, 'host: unknown key', 'did you mean "hosts"?'],
    [{ wibble: {} }, 'wibble: unknown key', 'use one of: app, hosts, groups, stages, sites, provision, verify'],
    [
      { sites: { 'example.com': { host: 'web1', alias: [] } }, hosts: { web1: host } },
      'sites["example.com"].alias: unknown key',
      'did you mean "aliases"?',
    ],
    [{ verify: { tests: 'x' } }, 'verify.tests: unknown key', 'use one of: functionalTests'],
    [{ app: { framework: 'djagno' } }, 'app.framework: expected "django"', 'did you mean "django"?'],
    [{ app: { framework: 1 } }, 'app.framework: expected text, found a number'],
    [{ app: { overlay: 'no' } }, 'app.overlay: expected true or false, found text'],
    [{ app: { packages: 'git' } }, 'app.packages: expected a list, found text'],
    [{ app: { packages: ['git', '-o=x'] } }, 'app.packages[1]: expected the name of a Debian package'],
    [{ app: { workers: 0 } }, 'app.workers: expected a whole number from 1'],
    [{ app: { workers: 1.5 } }, 'app.workers: expected a whole number from 1'],
    [
      { app: { directory: '../other' } },
      'app.directory: cannot be a path, because it leads out of the folder of the project',
    ],
    [
      { app: { directory: '/srv' } },
      'app.directory: cannot be a path, because it does not begin at the folder of the project',
    ],
    [{ app: { requirements: '-r' } }, 'app.requirements: cannot be a path, because it begins with a hyphen'],
    [{ app: { settings: 'a b' } }, 'app.settings: expected a Python module such as "superlists.settings"'],
    [{ app: { wsgi: 'superlists.wsgi' } }, 'app.wsgi: expected a Python object such as "superlists.wsgi:application"'],
    [{ app: { maxBodySize: '10 MB; }' } }, 'app.maxBodySize: expected a size such as "10m"'],
    [{ app: { healthPath: 'health' } }, 'app.healthPath: expected a path that begins with "/"'],
    [{ app: { healthPath: '/a b' } }, 'app.healthPath: expected a path that begins with "/"'],
    [{ app: null }, 'app: expected an object, found null'],
    [{ hosts: { web1: { port: 70000 } } }, 'hosts.web1.port: expected a number from 1 to 65535'],
    [
      { hosts: { web1: { address: '-oProxyCommand=id' } } },
      'hosts.web1.address: cannot be an address, because it begins with a hyphen',
    ],
    [
      { hosts: { web1: { user: 'Root' } } },
      'hosts.web1.user: cannot be a user, because a user name is up to 32 lower-case letters, digits, hyphens and underscores, and begins with a letter or underscore',
    ],
    [{ hosts: { '-x': host } }, 'hosts["-x"]: cannot be a name, because it does not begin with a letter or digit'],
    [
      { sites: { 'a b': { host: 'web1' } }, hosts: { web1: host } },
      'sites["a b"]: cannot be a site, because it contains a space',
    ],
    [{ sites: { 'example.com': {} } }, 'sites["example.com"].host: missing key'],
    [
      { sites: { 'example.com': { host: 'web1' } } },
      'sites["example.com"].host: there is no host "web1"',
      'add "web1" to hosts',
    ],
    [
      { sites: { 'example.com': { host: 'wbe1' } }, hosts: { web1: host } },
      'sites["example.com"].host: there is no host "wbe1"',
      'did you mean "web1"?',
    ],
    [
      { sites: { 'example.com': { host: 'web1', stage: 'prod' } }, hosts: { web1: host } },
      'sites["example.com"].stage: there is no stage "prod"',
      'add "prod" to stages',
    ],
    [
      { sites: { 'example.com': { host: 'web1', aliases: ['www.example.com', '*'] } }, hosts: { web1: host } },
      'sites["example.com"].aliases[1]: cannot be an alias, because it contains "*"',
    ],
    [
      { sites: { 'example.com': { host: 'web1' }, 'EXAMPLE.com': { host: 'web1' } }, hosts: { web1: host } },
      'sites["EXAMPLE.com"]: another key names the same site',
    ],
    [{ groups: { all: [] } }, 'groups.all: every host is in this group already'],
    [
      { groups: { web: ['web2'] }, hosts: { web1: host } },
      'groups.web[0]: there is no host "web2"',
      'did you mean "web1"?',
    ],
    [
      { groups: { web: ['web1'] }, hosts: { web1: { ...host, roles: ['web'] } } },
      'groups.web: a role of hosts has the same name',
    ],
  ])('refuses %j', (config, reason, hint) => {
    expect(() => checkedConfig(config, 'tasks.config.ts')).toThrow(
      expect.objectContaining({ code: 'config', message: `tasks.config.ts: ${reason}.`, hint }),
    )
  })

  it.each([[null], ['text'], [[]], [() => undefined]])('refuses a config that is %s', (config) => {
    expect(() => checkedConfig(config, 'tasks.config.ts')).toThrow(
      /^tasks\.config\.ts: expected an object, found (null|text|a list|a function)\.$/,
    )
  })

  it('tells several faults at once, a line each', () => {
    expect(() => checkedConfig({ app: { workers: 'two' }, hosts: { web1: { prot: 22 } } }, 'tasks.config.ts')).toThrow(
      expect.objectContaining({
        message:
          'tasks.config.ts: app.workers: expected a number, found text.\ntasks.config.ts: hosts.web1.prot: unknown key (did you mean "port"?).',
        hint: undefined,
      }),
    )
  })

  it('never tells a value', () => {
    const secret = 'hunter2 hunter2'
    const config = {
      app: { python: secret, healthPath: secret },
      hosts: { web1: { user: secret, port: secret } },
      stages: { staging: secret },
    }
    expect(() => checkedConfig(config, 'tasks.config.ts')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    )
  })
})
