import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { PrintedConfigs } from '../../src/transport/printed-configs.ts'
import { readSettings, resolveSettings } from '../../src/transport/ssh-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'tasks-config-'))
const configFile = join(folder, 'config')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const env = { SSH_AUTH_SOCK: '/run/agent.sock', OTHER: '/run/other.sock' }

/** What the real `ssh -G` makes of a configuration. */
async function settingsOf(config: string, target: object = {}) {
  writeFileSync(configFile, config)
  return resolveSettings({ host: 'web1', configFile, ...target }, { env, configs: new PrintedConfigs() })
}

describe('the settings of a host', () => {
  it('are those of OpenSSH without any configuration', async () => {
    const settings = await settingsOf('')
    expect(settings).toEqual({ ...readSettings('', { host: 'web1', configFile }, env), hasSsh: true })
    expect(settings).toMatchObject({
      hostname: 'web1',
      port: 22,
      user: userInfo().username,
      identityAgent: '/run/agent.sock',
      identitiesNamed: false,
      identitiesOnly: false,
      userKnownHosts: [`${homedir()}/.ssh/known_hosts`, `${homedir()}/.ssh/known_hosts2`],
      strictHostKeyChecking: 'ask',
      hashKnownHosts: false,
      connectTimeoutSeconds: undefined,
      keepaliveSeconds: undefined,
      proxyJump: undefined,
      proxyCommand: undefined,
    })
    expect(settings.identityFiles).toContain(`${homedir()}/.ssh/id_ed25519`)
  })

  it('are taken from every kind of option that matters', async () => {
    const settings = await settingsOf(
      [
        'Host web1',
        '  HostName 203.0.113.7',
        '  Port 2222',
        '  User elspeth',
        '  IdentityFile ~/.ssh/%h-%r',
        '  IdentitiesOnly yes',
        '  IdentityAgent $OTHER',
        '  UserKnownHostsFile ~/known1 /etc/known2',
        '  GlobalKnownHostsFile none',
        '  StrictHostKeyChecking accept-new',
        '  HashKnownHosts yes',
        '  HostKeyAlias alias1',
        '  ConnectTimeout 7',
        '  ServerAliveInterval 20',
        '  ServerAliveCountMax 5',
        '  AddressFamily inet6',
        '  ProxyJump bastion:2200,second',
      ].join('\n'),
    )
    expect(settings).toEqual({
      hostname: '203.0.113.7',
      port: 2222,
      user: 'elspeth',
      identityFiles: [`${homedir()}/.ssh/203.0.113.7-elspeth`],
      identitiesNamed: true,
      identitiesOnly: true,
      identityAgent: '/run/other.sock',
      userKnownHosts: [`${homedir()}/known1`, '/etc/known2'],
      globalKnownHosts: [],
      hostKeyAlias: 'alias1',
      strictHostKeyChecking: 'accept-new',
      hashKnownHosts: true,
      knownHostsCommand: undefined,
      connectTimeoutSeconds: 7,
      keepaliveSeconds: 20,
      keepaliveCount: 5,
      family: 6,
      proxyJump: 'bastion:2200,second',
      proxyCommand: undefined,
      forks: false,
      hasSsh: true,
      beyondLibrary: [],
      givenFlags: ['-F', configFile],
    })
  })

  it.each([
    ['CertificateFile ~/.ssh/signed.pub', 'CertificateFile is set'],
    ['PKCS11Provider /usr/lib/token.so', 'PKCS11Provider is set'],
    ['KnownHostsCommand /usr/bin/keys-of %H', 'KnownHostsCommand is set'],
    ['RevokedHostKeys /etc/ssh/revoked', 'RevokedHostKeys is set'],
    ['BindAddress 192.0.2.1', 'BindAddress is set'],
    ['HostbasedAuthentication yes', 'HostbasedAuthentication is on'],
    ['VerifyHostKeyDNS yes', 'VerifyHostKeyDNS is on'],
    ['ProxyUseFdpass yes', 'ProxyUseFdpass is on'],
    ['PreferredAuthentications gssapi-with-mic,publickey', 'PreferredAuthentications begins with gssapi-with-mic'],
    ['KexAlgorithms sntrup761x25519-sha512@openssh.com', 'KexAlgorithms names newer ones alone'],
    ['HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com', 'HostKeyAlgorithms names certificates alone'],
  ])('tell what the library cannot do: %s', async (line, reason) => {
    expect((await settingsOf(line)).beyondLibrary).toEqual([reason])
  })

  it.each(['GSSAPIAuthentication yes', 'KexAlgorithms +diffie-hellman-group14-sha1', 'ForwardAgent yes'])(
    'tell nothing of what the library can do, or what is of no matter: %s',
    async (line) => {
      expect((await settingsOf(line)).beyondLibrary).toEqual([])
    },
  )

  it('give way to what the target says', async () => {
    const target = { user: 'root', port: 23, identityFile: '/keys/mine', knownHostsFile: '/keys/known', jump: 'none' }
    const settings = await settingsOf(
      'Host *\n User elspeth\n Port 2222\n ProxyJump bastion\n IdentityFile /keys/other',
      target,
    )
    expect(settings).toMatchObject({
      user: 'root',
      port: 23,
      identityFiles: ['/keys/mine', '/keys/other'],
      userKnownHosts: ['/keys/known'],
      proxyJump: undefined,
    })
  })

  it.each([
    ['yes', 'yes'],
    ['no', 'no'],
    ['off', 'no'],
    ['ask', 'ask'],
    ['accept-new', 'accept-new'],
  ])('know StrictHostKeyChecking %s as %s', async (written, read) => {
    expect((await settingsOf(`StrictHostKeyChecking ${written}`)).strictHostKeyChecking).toBe(read)
  })

  it('know an agent that was switched off', async () => {
    expect((await settingsOf('IdentityAgent none')).identityAgent).toBeUndefined()
    expect(readSettings('', { host: 'web1' }, {}).identityAgent).toBeUndefined()
  })

  it('keep a proxy command whole', async () => {
    expect((await settingsOf('ProxyCommand nc -X connect  %h %p')).proxyCommand).toBe('nc -X connect  %h %p')
  })

  it('say which line of the configuration is broken', async () => {
    await expect(settingsOf('Host *\n  NoSuchOption yes')).rejects.toMatchObject({
      code: 'config',
      message: `Cannot read the ssh configuration for "web1": ${configFile}: terminating, 1 bad configuration options.`,
      hint: 'run: ssh -G web1',
      output: expect.stringContaining(`${configFile}: line 2: Bad configuration option: nosuchoption`),
    })
  })
})
