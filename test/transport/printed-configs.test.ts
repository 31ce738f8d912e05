import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { printedConfig } from '../../src/transport/printed-config.ts'
import { PrintedConfigs } from '../../src/transport/printed-configs.ts'

const folder = mkdtempSync(join(tmpdir(), 'tasks-configs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = (name: string) => join(folder, name)

/** An `ssh` that notes what it is asked, and is the real one else. */
function watchedSsh(): void {
  mkdirSync(path('bin'), { recursive: true })
  writeFileSync(
    path('bin/ssh'),
    `#!/bin/sh\necho "$*" >>'${path('asked')}'\nPATH=\${PATH#*${delimiter}} exec ssh "$@"\n`,
  )
  chmodSync(path('bin/ssh'), 0o755)
  vi.stubEnv('PATH', `${path('bin')}${delimiter}${process.env.PATH}`)
}

const names = ['web1', 'web2', '203.0.113.7', 'db.example.com', '198.51.100.20', 'web-3']

beforeEach(() => writeFileSync(path('asked'), ''))

describe('what ssh prints of many hosts', () => {
  watchedSsh()
  const asked = () => readFileSync(path('asked'), 'utf8').trim().split('\n')

  it.each([
    ['nothing', ''],
    ['options for all', 'User elspeth\nHost *\n  IdentityFile ~/.ssh/%h-%r\n  ServerAliveInterval 7\n'],
    ['a quoted Host for all', '"Host"  "*"\nhost = *\nHOST *\nPort 2222\n'],
    ['a jump for all', 'Host *\nProxyJump bastion:2200\n'],
    ['its own quietness', 'LogLevel QUIET\nHashKnownHosts yes\n'],
    ['another file', `Include ${path('included')}\n`],
  ])('is asked for twice where the configuration has %s, and is what ssh says of each', async (_, config) => {
    writeFileSync(path('included'), 'Host *\n  Compression yes\n  HostKeyAlias same\n')
    expect(await differing(config)).toEqual([])
    expect(asked()).toHaveLength(2 + names.length)
  })

  it.each([
    ['a Host of its own', 'Host web2\n  Port 2222\n'],
    ['a Host with a pattern, after another', 'Host *\n  User elspeth\n\thOsT="db.*"\n  User root\n'],
    ['a Host that leaves one out', 'Host * !203.0.113.7\n  User elspeth\n'],
    ['a Match', 'Match host web*\n  User elspeth\n'],
    ['a Match of a command', 'Match exec "test %h = web2"\n  User elspeth\n'],
    ['one in another file', `Include ${path('included')}\n`],
    ['one in a file for some', `Host web*\n  Include ${path('included')}\n`],
    ['names made canonical', 'CanonicalizeHostname always\n'],
    ['another name for each', 'HostName %h.example.net\n'],
    ['one name for all', 'HostName 192.0.2.1\n'],
  ])('is asked for each where the configuration has %s', async (_, config) => {
    writeFileSync(path('included'), 'Host web2\n  Port 2222\n')
    expect(await differing(config)).toEqual([])
    expect(asked()).toHaveLength(2 * names.length)
  })

  it('is asked for each whose name ssh may change, and for each set of flags', async () => {
    const configs = new PrintedConfigs()
    const configFile = path('config')
    writeFileSync(configFile, '')
    const changed = ['WEB3', '127.1', '2001:db8::0001', '0x7f.1', '10']
    for (const host of ['web1', 'web2', ...changed]) {
      const got = await configs.of({ host, configFile }, undefined)
      expect(got).toContain(hostnameIn((await printedConfig({ host, configFile }, undefined)).config))
    }
    expect(asked()).toHaveLength(2 * (2 + changed.length))
    writeFileSync(path('asked'), '')
    for (const host of names) await configs.of({ host, configFile, user: 'root' }, undefined)
    expect(asked()).toHaveLength(2)
  })

  it('is asked for each where the name of a file was cut', async () => {
    const deep = path('d'.repeat(210))
    writeFileSync(deep.slice(0, 200), '')
    expect(await differing('Host web2\n  Port 2222\n', deep)).toEqual([])
    expect(asked()).toHaveLength(2 * names.length)
  })

  it('is a refusal without the noise of -v', async () => {
    writeFileSync(path('config'), 'Colour blue\n')
    const configs = new PrintedConfigs()
    for (const host of names) {
      await expect(configs.of({ host, configFile: path('config') }, undefined)).rejects.toMatchObject({
        code: 'config',
        message: expect.stringMatching(`^Cannot read the ssh configuration for "${host}": .* terminating, 1 bad`),
        output: expect.not.stringContaining('debug1'),
      })
    }
  })
})

/** The hosts of which something else is said than `ssh -G` says of them alone, all being asked about at once. */
async function differing(config: string, configFile = path('config')): Promise<readonly string[]> {
  writeFileSync(configFile, config)
  const configs = new PrintedConfigs()
  const got = await Promise.all(names.map((host) => configs.of({ host, configFile }, undefined)))
  const own = await Promise.all(names.map((host) => printedConfig({ host, configFile }, undefined)))
  return names.filter((_, at) => withoutLevel(got[at]) !== withoutLevel(own[at]?.config))
}

const hostnameIn = (config: string) => /^hostname .*$/m.exec(config)?.[0] ?? 'none'

/** What -v changes, and nobody reads. */
const withoutLevel = (config = '') => config.replace(/^loglevel .*$/m, '')
