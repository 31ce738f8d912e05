import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Connection } from '../../src/core/connection.ts'
import { fingerprint } from '../../src/transport/known-hosts.ts'
import { message } from '../../src/transport/openssh/packets.ts'
import { connectSsh, type HostKeyQuestion, type SshOptions, type SshTarget } from '../../src/transport/ssh.ts'
import { until } from '../hosts/until.ts'
import { output } from './output.ts'
import { keyFolder, loginTo, type Sshd, sshdProgram, startSshd, trust } from './sshd.ts'

const user = userInfo().username
const keys = keyFolder()
const { path } = keys
const open: { close(): Promise<void> }[] = []
let sshd: Sshd

beforeAll(async () => {
  if (!sshdProgram) return
  for (const name of ['user-ca', 'host-ca', 'signed', 'lapsed'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path(name)])
  sign('user-ca', 'signed', ['-I', 'elspeth', '-n', user])
  sign('user-ca', 'lapsed', ['-I', 'elspeth', '-n', user, '-V', '20200101:20200102'])
  sshd = await startSshd({ path, config: [`TrustedUserCAKeys ${path('user-ca.pub')}`] })
})
beforeEach(() => {
  writeFileSync(path('known_hosts'), '')
  writeFileSync(path('ssh_config'), '')
  rmSync(path('run'), { recursive: true, force: true })
  mkdirSync(path('run'), { mode: 0o700 })
  if (sshdProgram) trust(sshd, path)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const each of open.splice(0).reverse()) await each.close()
})
afterAll(async () => {
  await sshd?.close()
  keys.remove()
})

/** Nothing of the machine's own agent and configuration may leak in; what ssh needs a folder for lies in `run`. */
async function login(target: SshTarget, { env = {}, ...options }: SshOptions = {}): Promise<Connection> {
  const connection = await connectSsh(target, { env: { XDG_RUNTIME_DIR: path('run'), ...env }, ...options })
  open.push(connection)
  return connection
}

function sign(authority: string, name: string, words: readonly string[]): void {
  execFileSync('ssh-keygen', ['-q', '-s', path(authority), ...words, path(`${name}.pub`)])
}

async function sshdThat(config: readonly string[], hostKey = 'hostkey'): Promise<Sshd> {
  const server = await startSshd({ path, config, hostKey })
  open.push(server)
  return server
}

describe.skipIf(!sshdProgram)("this machine's own ssh is chosen", () => {
  it('for nothing that the library can do', async () => {
    expect((await login(loginTo(sshd, path))).transport).toBeUndefined()
  })

  it('where the config says so, and is not where it says the other', async () => {
    const chosen = await login({ ...loginTo(sshd, path), transport: 'openssh' })
    expect(chosen.transport).toEqual({ name: 'openssh', because: 'the config says so' })
    await expect(login({ ...loginTo(sshd, path, 'signed'), transport: 'ssh2' })).rejects.toMatchObject({
      message: `Cannot log in to "127.0.0.1" as ${user}: the server took none of the keys (${path('signed')}).`,
    })
  })

  it('for a certificate that lies beside its key', async () => {
    const connection = await login(loginTo(sshd, path, 'signed'))
    expect(await output(connection)).toBe('in\n')
    expect(connection.transport?.because).toBe(`${path('signed')}-cert.pub is a certificate`)
  })

  it('for a certificate that the configuration names', async () => {
    copyFileSync(path('signed'), path('elsewhere'))
    writeFileSync(path('ssh_config'), `CertificateFile ${path('signed-cert.pub')}\n`)
    const connection = await login(loginTo(sshd, path, 'elsewhere'))
    expect(await output(connection)).toBe('in\n')
    expect(connection.transport?.because).toBe('CertificateFile is set')
  })

  it('for a certificate that an agent holds', async () => {
    const agent = await agentWith('signed')
    writeFileSync(path('ssh_config'), `IdentityFile ${path('absent')}\n`)
    const { identityFile: _, ...target } = loginTo(sshd, path)
    const connection = await login(target, { env: { SSH_AUTH_SOCK: path('agent.sock') } })
    expect(await output(connection)).toBe('in\n')
    expect(connection.transport?.because).toBe('the agent holds a certificate')
    agent.kill()
  })

  it('for a hop on the way that needs it', async () => {
    const bastion = await sshdThat([`TrustedUserCAKeys ${path('user-ca.pub')}`])
    trust(bastion, path)
    writeFileSync(
      path('ssh_config'),
      `Host bastion\n HostName 127.0.0.1\n Port ${bastion.port}\n IdentityFile ${path('signed')}\n`,
    )
    const connection = await login({ ...loginTo(sshd, path), jump: 'bastion' })
    expect(await output(connection)).toBe('in\n')
    expect(connection.transport?.because).toBe(`${path('signed')}-cert.pub is a certificate for "bastion"`)
    expect(connection.wire()).toMatchObject({ connections: 1, hops: 1, channels: 1 })
  })

  it('where a host and the library have no algorithm in common', async () => {
    const newer = await sshdThat(['KexAlgorithms sntrup761x25519-sha512@openssh.com'])
    trust(newer, path)
    const connection = await login(loginTo(newer, path))
    expect(await output(connection)).toBe('in\n')
    expect(connection.transport?.because).toBe('the host and the library have no algorithm in common')
  })

  it('and is said to be missing where it is', async () => {
    vi.stubEnv('PATH', path('nowhere'))
    await expect(login({ ...loginTo(sshd, path), transport: 'openssh' })).rejects.toMatchObject({
      code: 'config',
      message: `Cannot connect to "127.0.0.1" with this machine's ssh: it cannot be started.`,
      hint: 'install openssh-client',
    })
    expect((await login(loginTo(sshd, path))).transport).toBeUndefined()
  })
})

describe.skipIf(!sshdProgram)('a certificate', () => {
  it('of a user that has lapsed is told from a key that is not known', async () => {
    await expect(login(loginTo(sshd, path, 'lapsed'))).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining(`Cannot log in to "127.0.0.1" as ${user}: the server took none of the keys`),
    })
  })

  describe('of a host', () => {
    const asked: HostKeyQuestion[] = []
    const acceptHostKey = async (question: HostKeyQuestion) => asked.push(question) > 0
    beforeEach(() => void asked.splice(0))
    const trustAuthority = () =>
      writeFileSync(path('known_hosts'), `@cert-authority [127.0.0.1]:* ${readFileSync(path('host-ca.pub'), 'utf8')}`)
    const hostWith = (...words: readonly string[]) => {
      sign('host-ca', 'hostkey', ['-h', '-I', 'web1', ...words])
      return sshdThat([`HostCertificate ${path('hostkey-cert.pub')}`])
    }

    it('asks nobody where its authority is trusted', async () => {
      const signed = await hostWith('-n', '127.0.0.1')
      trustAuthority()
      const connection = await login(loginTo(signed, path), { prompts: { acceptHostKey } })
      expect(await output(connection)).toBe('in\n')
      expect(connection.transport?.because).toBe(`${path('known_hosts')} trusts an authority for host keys`)
      expect(asked).toEqual([])
    })

    it('of an authority that is not known is a key like any other', async () => {
      const signed = await hostWith('-n', '127.0.0.1')
      writeFileSync(path('known_hosts'), '')
      await login({ ...loginTo(signed, path), transport: 'openssh' }, { prompts: { acceptHostKey } })
      expect(asked).toMatchObject([{ host: '127.0.0.1', port: signed.port, keyType: 'ssh-ed25519' }])
      expect(readFileSync(path('known_hosts'), 'utf8')).toBe(signed.knownLine)
    })

    it.each([
      [['-n', '127.0.0.1', '-V', '20200101:20200102'], /expired/i],
      [['-n', 'web2'], /principal|name/i],
    ])('that is not valid is refused with the reason: %j', async (words, reason) => {
      const signed = await hostWith(...words)
      trustAuthority()
      const error = await login(loginTo(signed, path), { prompts: { acceptHostKey } }).catch((error: unknown) => error)
      expect(error).toMatchObject({
        code: 'refused',
        message: expect.stringMatching(/^Cannot trust "127\.0\.0\.1:\d+": its certificate is not valid \(.*\)\.$/),
        hint: 'have its host key signed anew by your authority',
      })
      expect(String(error)).toMatch(reason)
      expect(asked).toEqual([])
    })
  })
})

describe.skipIf(!sshdProgram)('a security key', () => {
  it('is asked to be touched, and told when it is not there', async () => {
    const blob = securityKey(path('touchable'))
    writeFileSync(path('authorized_keys'), readFileSync(path('touchable.pub')), { flag: 'a' })
    const touched: string[] = []
    const touch = async (what: string) => {
      touched.push(what)
      writeFileSync(path('touched'), '')
    }
    // No token is here: what stands for it waits until somebody was asked to touch it, and then knows nothing of the key
    const token = `#!/bin/sh\nwhile [ ! -e ${path('touched')} ]; do sleep 0.05; done\n`
    writeFileSync(path('token'), token, { mode: 0o700 })
    vi.stubEnv('SSH_SK_HELPER', path('token'))
    await expect(login(loginTo(sshd, path, 'touchable'), { prompts: { touch } })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(
        new RegExp(
          `^Cannot log in to "127.0.0.1" as ${user}: the security key ${path('touchable')} did not sign \\(.*\\)\\.$`,
        ),
      ),
      hint: 'plug it in, and touch it when it is asked for',
    })
    expect(touched).toEqual([`ED25519-SK ${fingerprint(blob)}`])
  })
})

describe.skipIf(!sshdProgram)('with its own ssh a connection', () => {
  const through = (identity = 'ed25519'): SshTarget => ({ ...loginTo(sshd, path, identity), transport: 'openssh' })

  it('leaves nothing behind when it is closed', async () => {
    const connection = await login(through())
    const channel = await connection.open('cat')
    expect(readdirSync(path('run'))).toHaveLength(1)
    const [folder = ''] = readdirSync(path('run'))
    expect(processesWith(path(`run/${folder}/`)).length).toBeGreaterThan(0)
    await connection.close()
    expect(await channel.ended).toEqual({ kind: 'lost', because: 'the connection was closed' })
    expect(readdirSync(path('run'))).toEqual([])
    await until(() => processesWith(path('run/')).length === 0)
  })

  it('leaves nothing behind when it was refused', async () => {
    await expect(login(through('stranger'))).rejects.toMatchObject({ code: 'refused' })
    expect(readdirSync(path('run'))).toEqual([])
    await until(() => processesWith(path('run/')).length === 0)
  })

  it('leaves nothing behind when its program is killed', async () => {
    writeFileSync(
      path('client.ts'),
      `import { connectSsh } from ${JSON.stringify(new URL('../../src/transport/ssh.ts', import.meta.url).pathname)}
       const connection = await connectSsh(${JSON.stringify(through())}, { env: { XDG_RUNTIME_DIR: ${JSON.stringify(path('run'))} } })
       const channel = await connection.open('echo up; cat')
       for await (const chunk of channel.stdout) process.stdout.write(chunk)`,
    )
    const jiti = new URL('../../node_modules/.bin/jiti', import.meta.url).pathname
    const client = spawn(process.execPath, [jiti, path('client.ts')], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(client.stdout, 'data')
    expect(readdirSync(path('run'))).toHaveLength(1)
    client.kill('SIGKILL')
    await until(() => readdirSync(path('run')).length === 0)
    await until(() => processesWith(path('run/')).length === 0)
  })

  it('shows a passphrase to no process but the one that asks', async () => {
    const secret = randomBytes(16).toString('hex')
    copyFileSync(path('ed25519'), path('secret'))
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', secret, '-f', path('secret')])
    const passphrase = async () => {
      expect(processesWith(path('run/'))).not.toEqual([])
      return secret
    }
    const connection = await login(through('secret'), { prompts: { passphrase } })
    expect(await output(connection)).toBe('in\n')
    expect(processesWith(secret)).toEqual([])
  })

  it("takes a host key that the person's own KnownHostsCommand knows, and asks for others", async () => {
    writeFileSync(path('keys-of'), `#!/bin/sh\n[ "$1" = "$2" ] && exit 0\ncat ${path('others')}\n`, { mode: 0o700 })
    writeFileSync(path('others'), sshd.knownLine)
    writeFileSync(path('known_hosts'), '')
    writeFileSync(path('ssh_config'), `KnownHostsCommand "${path('keys-of')}" %H ""\n`)
    const { transport: _, ...target } = through()
    const connection = await login(target)
    expect(connection.transport?.because).toBe('KnownHostsCommand is set')
    writeFileSync(path('others'), '')
    await expect(login(target)).rejects.toMatchObject({ message: expect.stringMatching(/is not in known_hosts\.$/) })
  })

  it('does not use a key that others could read, and says so', async () => {
    copyFileSync(path('ed25519'), path('open'))
    execFileSync('chmod', ['644', path('open')])
    await expect(login(through('open'))).rejects.toMatchObject({
      code: 'refused',
      message: `Cannot log in to "127.0.0.1" as ${user}: ssh does not use the key ${path('open')}, because others could read it.`,
      hint: `run: chmod 600 ${path('open')}`,
    })
  })

  it('goes no way that its configuration would add: no forwarding, no command, no master of its own', async () => {
    writeFileSync(
      path('ssh_config'),
      [
        `LocalForward ${path('run/forwarded')} 127.0.0.1:22`,
        `LocalCommand touch ${path('run/local')}`,
        'PermitLocalCommand yes',
        `ControlPath ${path('run/theirs')}`,
        'ControlMaster auto',
        'ControlPersist yes',
        'RemoteCommand exit 9',
        'RequestTTY force',
        'ForkAfterAuthentication yes',
        'BatchMode yes',
        '',
      ].join('\n'),
    )
    const connection = await login(through())
    expect(await output(connection)).toBe('in\n')
    expect(readdirSync(path('run'))).toHaveLength(1)
    await connection.close()
    expect(readdirSync(path('run'))).toEqual([])
  })
})

/** A private key whose secret half would be on a token, as ssh-keygen writes it; gives its public half. */
function securityKey(file: string): Buffer {
  const point = Buffer.alloc(32, 7)
  const type = 'sk-ssh-ed25519@openssh.com'
  const blob = message(type, 32, point, 'ssh:')
  const secret = message(1, 1, type, 32, point, 'ssh:', Buffer.of(1), 'handle', '', 'touchable')
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, at) => at + 1))
  const whole = Buffer.concat([secret, padding])
  const parts = [Buffer.from('openssh-key-v1\0'), 'none', 'none', '', 1, blob.length, blob, whole.length, whole]
  const body = message(...parts)
    .toString('base64')
    .replace(/.{70}/g, '$&\n')
  writeFileSync(file, `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`, {
    mode: 0o600,
  })
  writeFileSync(`${file}.pub`, `${type} ${blob.toString('base64')} touchable\n`)
  return blob
}

async function agentWith(name: string): Promise<ChildProcess> {
  const agent = spawn('ssh-agent', ['-D', '-a', path('agent.sock')], { stdio: ['ignore', 'pipe', 'inherit'] })
  // It prints its variables once it listens
  if (agent.stdout) await once(agent.stdout, 'data')
  execFileSync('ssh-add', ['-q', path(name)], { env: { ...process.env, SSH_AUTH_SOCK: path('agent.sock') } })
  return agent
}

/** Other processes that hold a text in their words or their environment. */
function processesWith(text: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false
    try {
      return ['cmdline', 'environ'].some((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(text))
    } catch {
      return false
    }
  })
}
