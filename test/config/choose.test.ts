import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkedConfig } from '../../src/config/check.ts'
import type { ChoiceContext } from '../../src/config/choice-context.ts'
import { choose, type Wanted } from '../../src/config/choose.ts'
import { completeApp } from '../../src/config/complete-app.ts'
import type { Host } from '../../src/core/app.ts'

const config = {
  hosts: { web1: { address: '203.0.113.10', user: 'elspeth' }, web2: { address: '203.0.113.11' }, box: {} },
  stages: { staging: {}, production: {} },
  sites: {
    'staging.example.com': { host: 'web1', stage: 'staging' },
    'example.com': { host: 'web2', stage: 'production', aliases: ['www.example.com'] },
  },
}
const sandboxed: Host = { name: 'box', address: '10.231.0.2', port: 22, user: 'elspeth', identityFile: '/keys/box' }

function chosen(wanted: Partial<Wanted>, context: Partial<ChoiceContext> = {}, said: unknown = config) {
  const { app } = completeApp(checkedConfig(said, 'tasks.config.ts'), { root: '/nowhere' })
  return choose(
    app,
    { hosts: [], ...wanted },
    {
      task: 'deploy',
      needsSite: true,
      needsHost: true,
      hasProject: true,
      configName: 'tasks.config.ts',
      sandboxHost: async (name) => (name === 'box' ? sandboxed : undefined),
      sandboxNames: async () => ['box'],
      isKnownElsewhere: async (word) => word === 'alias',
      ...context,
    },
  )
}

describe('choose', () => {
  it("takes a site's host from the config", async () => {
    const { site, hosts } = await chosen({ site: 'Example.com' })
    expect(site).toEqual({ name: 'example.com', host: 'web2', stage: 'production', aliases: ['www.example.com'] })
    expect(hosts.map(({ name, address }) => [name, address])).toEqual([['web2', '203.0.113.11']])
  })

  it('lets --host and --stage overrule the config', async () => {
    const { site, hosts, app } = await chosen({
      site: 'example.com',
      hosts: ['root@203.0.113.99:2222'],
      stage: 'staging',
    })
    expect(site).toMatchObject({
      name: 'example.com',
      host: '203.0.113.99:2222',
      stage: 'staging',
      aliases: ['www.example.com'],
    })
    expect(hosts).toEqual([
      { name: '203.0.113.99:2222', user: 'root', address: '203.0.113.99', port: 2222, isNamed: true },
    ])
    expect(app.sites['example.com']).toEqual(site)
    expect(app.hosts['203.0.113.99:2222']).toEqual(hosts[0])
  })

  it('takes the only site of a stage without being told its name', async () => {
    expect((await chosen({ stage: 'staging' })).site?.name).toBe('staging.example.com')
  })

  it('makes a site of what the flags say where the config has none of the name', async () => {
    const { site, notes } = await chosen({ site: 'other.example', hosts: ['web1'] })
    expect(site).toEqual({ name: 'other.example', host: 'web1', stage: undefined, aliases: [] })
    expect(notes).toEqual([])
  })

  it('warns of a site that the flags make when its name is nearly one of the config', async () => {
    const { notes } = await chosen({ site: 'exmaple.com', hosts: ['web1'] })
    expect(notes).toEqual([
      {
        level: 'warning',
        message: 'The config has no site "exmaple.com", but it has "example.com".',
        hint: 'did you mean "example.com"?',
      },
    ])
  })

  it('notes what an international name is on the host', async () => {
    const { site, notes } = await chosen({ site: 'münchen.example', hosts: ['web1'] })
    expect(site?.name).toBe('xn--mnchen-3ya.example')
    expect(notes).toEqual([
      { level: 'note', message: 'münchen.example: its name on the host is "xn--mnchen-3ya.example".' },
    ])
  })

  it('needs no config for a host and a site that flags name', async () => {
    const { site, hosts } = await chosen(
      { site: 'example.com', hosts: ['elspeth@[2001:db8::7]:22'] },
      { configName: undefined },
      {},
    )
    expect(site).toMatchObject({ name: 'example.com', host: '[2001:db8::7]:22' })
    expect(hosts).toEqual([
      { name: '[2001:db8::7]:22', user: 'elspeth', address: '2001:db8::7', port: 22, isNamed: true },
    ])
  })

  it('finds a sandbox host by its name, in flags and where the config gives no address', async () => {
    expect((await chosen({ hosts: ['box'] }, { needsSite: false }, {})).hosts).toEqual([
      { ...sandboxed, isNamed: true },
    ])
    expect((await chosen({ hosts: ['box'] }, { needsSite: false })).hosts).toEqual([
      { ...sandboxed, siteUser: undefined, isNamed: true },
    ])
  })

  it('takes every host of the config where none is named and no site is needed', async () => {
    const { hosts, site } = await chosen({}, { needsSite: false })
    expect(hosts.map(({ name }) => name)).toEqual(['web1', 'web2', 'box'])
    expect(site).toBeUndefined()
  })

  it('knows the sites of a stage alone where no site is needed', async () => {
    const { app } = await chosen({ stage: 'production' }, { needsSite: false })
    expect(Object.values(app.sites).map(({ stage }) => stage)).toEqual(['production'])
    const ofHost = await chosen({ stage: 'production', hosts: ['web2'] }, { needsSite: false })
    expect(Object.keys(ofHost.app.sites).length).toBeGreaterThan(1)
  })

  it('takes the hosts of a stage where no site is needed', async () => {
    expect((await chosen({ stage: 'production' }, { needsSite: false })).hosts.map(({ name }) => name)).toEqual([
      'web2',
    ])
  })

  it('takes a host once that is named twice', async () => {
    expect((await chosen({ hosts: ['web1', 'web1'] }, { needsSite: false })).hosts).toHaveLength(1)
  })

  it('refuses two hosts for one site', async () => {
    await expect(chosen({ site: 'example.com', hosts: ['web1', 'web2'] })).rejects.toMatchObject({
      code: 'usage',
      message: 'Cannot deploy, because a site runs on one host, and 2 are named.',
      hint: 'name one host',
    })
  })

  it('takes a bare word that ssh_config or DNS knows for a host', async () => {
    expect((await chosen({ hosts: ['alias'] }, { needsSite: false })).hosts).toEqual([
      { name: 'alias', address: 'alias', isNamed: true },
    ])
  })

  it.each(['constructor', 'toString', 'hasOwnProperty'])(
    'finds nothing under %j, which every object has',
    async (word) => {
      await expect(chosen({ hosts: [word] })).rejects.toMatchObject({
        message: expect.stringMatching(/^Cannot find host/),
      })
      await expect(chosen({ stage: word })).rejects.toMatchObject({
        message: expect.stringMatching(/^Cannot find stage/),
      })
    },
  )

  it("refuses a site whose stage's dotenv file is not there, and no other", async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'tasks-choose-'))
    onTestFinished(() => rmSync(root, { recursive: true }))
    writeFileSync(path.join(root, '.env.staging'), '')
    const stages = { staging: { dotenv: '.env.staging' }, production: { dotenv: '.env.production' } }
    const { app } = completeApp(checkedConfig({ ...config, stages }, 'tasks.config.ts'), { root })
    const context = {
      task: 'deploy',
      needsSite: true,
      needsHost: true,
      hasProject: true,
      sandboxHost: async () => undefined,
      sandboxNames: async () => [],
      isKnownElsewhere: async () => false,
    }
    expect((await choose(app, { hosts: [], site: 'staging.example.com' }, context)).site?.stage).toBe('staging')
    await expect(choose(app, { hosts: [], site: 'example.com' }, context)).rejects.toMatchObject({
      code: 'config',
      message: 'config: stages.production.dotenv: there is no file ".env.production".',
      hint: 'make the file, or take the key away',
    })
  })

  describe('with groups', () => {
    const said = {
      hosts: { web1: { roles: ['web'] }, web2: { roles: ['web', 'db'] }, web3: {} },
      groups: { edge: ['web3', 'web1'], none: [] },
    }
    const names = async (...words: readonly string[]) => {
      const { hosts } = await chosen({ hosts: words }, { needsSite: false }, said)
      return hosts.map(({ name }) => name)
    }

    it('takes the hosts of a group, of a role, or all of them, each once', async () => {
      expect(await names('@edge')).toEqual(['web3', 'web1'])
      expect(await names('web3', '@web', '@db')).toEqual(['web3', 'web1', 'web2'])
      expect(await names('@all')).toEqual(['web1', 'web2', 'web3'])
    })

    it.each([
      ['@egde', 'Cannot find group "@egde", because tasks.config.ts has no such group.', 'did you mean "@edge"?'],
      ['@none', 'Cannot use @none, because no host is in that group.', undefined],
    ])('refuses %s', async (word, message, hint) => {
      await expect(names(word)).rejects.toMatchObject({ code: 'usage', message, hint })
    })
  })

  it('needs no host for what is done on this machine, and takes those that are named', async () => {
    const local = { needsSite: false, needsHost: false }
    expect((await chosen({}, local)).hosts).toEqual([])
    expect((await chosen({ hosts: ['web1'] }, local)).hosts).toMatchObject([{ name: 'web1' }])
  })
})
