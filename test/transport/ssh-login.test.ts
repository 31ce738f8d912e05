import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { userInfo } from 'node:os'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../src/core/connection.ts'
import { TasksError } from '../../src/core/errors.ts'
import { fingerprint } from '../../src/transport/known-hosts.ts'
import {
  connectSsh,
  type HostKeyQuestion,
  parseTarget,
  type SshOptions,
  type SshTarget,
} from '../../src/transport/ssh.ts'
import { output } from './output.ts'
import { keyFolder, loginTo, type Sshd, sshdProgram, startSshd, trust } from './sshd.ts'

const user = userInfo().username
const keys = keyFolder()
const { path } = keys
const open: { close(): Promise<void> }[] = []
let sshd: Sshd

afterAll(() => keys.remove())

const speakers = ['ssh2', 'openssh'] as const
let transport: (typeof speakers)[number] = 'ssh2'

/** Nothing of the machine's own agent and configuration may leak in. */
async function login(target: SshTarget, options: SshOptions = {}): Promise<Connection> {
  const connection = await connectSsh({ ...target, transport }, { env: {}, ...options })
  open.push(connection)
  return connection
}

/** What leads `ssh` to the same place. */
function flags(): string {
  return `-F ${path('ssh_config')} -p ${sshd.port} -o UserKnownHostsFile=${path('known_hosts')}`
}

/** Anew: the same name may have been another key's before. */
function makeKey(name: string, ...words: readonly string[]): void {
  for (const file of [path(name), path(`${name}.pub`)]) rmSync(file, { force: true })
  execFileSync('ssh-keygen', ['-q', ...words, '-f', path(name)])
}

describe.skipIf(!sshdProgram).each(speakers)('logging in with %s', (speaker) => {
  beforeAll(async () => {
    transport = speaker
    sshd = await startSshd({ path })
  })
  beforeEach(() => {
    writeFileSync(path('known_hosts'), '')
    writeFileSync(path('ssh_config'), '')
    trust(sshd, path)
  })
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close()
  })
  afterAll(() => sshd?.close())

  describe('with keys', () => {
    it.each(['ed25519', 'ecdsa', 'rsa'])('takes a file of type %s', async (identity) => {
      const connection = await login(loginTo(sshd, path, identity))
      expect(await output(connection)).toBe('in\n')
      expect(connection.user).toBe(user)
      expect(connection.wire()).toMatchObject({ connections: 1, channels: 1 })
    })

    it('counts the bytes of the socket, both ways', async () => {
      const connection = await login(loginTo(sshd, path))
      const before = connection.wire()
      await output(connection, 'head -c 100000 /dev/zero')
      const after = connection.wire()
      expect(after.bytesReceived - before.bytesReceived).toBeGreaterThan(100_000)
      expect(after.bytesReceived - before.bytesReceived).toBeLessThan(110_000)
      expect(after.bytesSent).toBeGreaterThan(before.bytesSent)
    })

    it('asks once for the passphrase of a locked one', async () => {
      const asked: string[] = []
      const passphrase = async (file: string) => {
        asked.push(file)
        return 'open sesame'
      }
      await login(loginTo(sshd, path, 'locked'), { prompts: { passphrase } })
      expect(asked).toEqual([path('locked')])
    })

    it('asks again after a wrong passphrase, three times in all', async () => {
      const answers = ['wrong', '', 'open sesame']
      await login(loginTo(sshd, path, 'locked'), { prompts: { passphrase: async () => answers.shift() ?? 'none' } })
      expect(answers).toEqual([])
      let asked = 0
      const passphrase = async () => `wrong ${++asked}`
      await expect(login(loginTo(sshd, path, 'locked'), { prompts: { passphrase } })).rejects.toMatchObject({
        code: 'refused',
        message: `Cannot log in to "127.0.0.1" as ${user}: the key ${path('locked')} could not be used.`,
        hint: `give its passphrase to your agent: ssh-add ${path('locked')}`,
      })
      expect(asked).toBe(3)
    })

    it('does not ask for the passphrase of a key that the host would not take', async () => {
      makeKey('locked-stranger', '-t', 'ed25519', '-N', 'secret')
      const passphrase = () => Promise.reject(new Error('asked'))
      await expect(login(loginTo(sshd, path, 'locked-stranger'), { prompts: { passphrase } })).rejects.toMatchObject({
        message: `Cannot log in to "127.0.0.1" as ${user}: the server took none of the keys (${path('locked-stranger')}).`,
      })
    })

    it('says which key needs a passphrase where nobody can be asked', async () => {
      await expect(login(loginTo(sshd, path, 'locked'))).rejects.toMatchObject({
        code: 'refused',
        message: `Cannot log in to "127.0.0.1" as ${user}: ${path('locked')} needs a passphrase, and nobody can be asked for it.`,
        hint: `give it to your agent: ssh-add ${path('locked')}`,
      })
    })

    it('says which keys the host did not take', async () => {
      await expect(login(loginTo(sshd, path, 'stranger'))).rejects.toMatchObject({
        code: 'refused',
        message: `Cannot log in to "127.0.0.1" as ${user}: the server took none of the keys (${path('stranger')}).`,
        hint: `copy one there: ssh-copy-id ${flags()} ${user}@127.0.0.1`,
      })
    })

    it('says so when there is none', async () => {
      writeFileSync(path('ssh_config'), `IdentityFile ${path('absent')}`)
      const { identityFile: _, ...target } = loginTo(sshd, path)
      await expect(login(target)).rejects.toMatchObject({
        code: 'refused',
        message: `Cannot log in to "127.0.0.1" as ${user}: there is no key to offer (no key in an agent, none in ~/.ssh).`,
        hint: `make one and copy it there: ssh-keygen -t ed25519 && ssh-copy-id ${flags()} ${user}@127.0.0.1`,
      })
    })

    it('says that the key file that it was given cannot be read', async () => {
      await expect(login(loginTo(sshd, path, 'absent'))).rejects.toMatchObject({
        code: 'config',
        message: `Cannot log in to "127.0.0.1" with the key ${path('absent')}: there is no such file.`,
        hint: 'correct identityFile',
      })
    })
  })

  describe('with several keys', () => {
    const several = (...names: string[]) => {
      writeFileSync(path('ssh_config'), names.map((name) => `IdentityFile ${path(name)}\n`).join(''))
      const { identityFile: _, ...target } = loginTo(sshd, path)
      return target
    }

    it('goes on with the next when a passphrase is not known', async () => {
      makeKey('old', '-m', 'PEM', '-t', 'rsa', '-N', 'forgotten')
      rmSync(path('old.pub'))
      let asked = 0
      const passphrase = async (file: string) => {
        asked++
        return file === path('locked') ? 'open sesame' : 'wrong'
      }
      const connection = await login(several('old', 'locked'), { prompts: { passphrase } })
      expect(await output(connection)).toBe('in\n')
      expect(asked).toBe(4)
    })

    it('opens an old PEM file that has no public half beside it', async () => {
      makeKey('pem', '-m', 'PEM', '-t', 'ecdsa', '-N', 'old secret')
      writeFileSync(path('authorized_keys'), readFileSync(path('pem.pub')), { flag: 'a' })
      rmSync(path('pem.pub'))
      const connection = await login(loginTo(sshd, path, 'pem'), { prompts: { passphrase: async () => 'old secret' } })
      expect(await output(connection)).toBe('in\n')
    })

    it('goes on with another when the passphrase of one that would do is not known', async () => {
      const locked = keyThatWouldDo('locked2')
      const other = keyThatWouldDo('locked3')
      const passphrase = async (file: string) => (file === other ? 'secret' : 'wrong')
      const connection = await login(several('locked2', 'locked3'), { prompts: { passphrase } })
      expect(await output(connection)).toBe('in\n')
      expect(locked).not.toBe(other)
    })

    it('says that it was too many for the host', async () => {
      const strict = await startSshd({ path, config: ['MaxAuthTries 1'] })
      open.push(strict)
      trust(strict, path)
      makeKey('stranger3', '-t', 'ed25519', '-N', '')
      await expect(login({ ...several('stranger', 'stranger3', 'ed25519'), port: strict.port })).rejects.toMatchObject({
        code: 'refused',
        message: `Cannot log in to "127.0.0.1" as ${user}: it hung up after too many keys (${path('stranger')}).`,
        hint: 'name the right one: IdentityFile and "IdentitiesOnly yes" for 127.0.0.1 in ~/.ssh/config',
      })
    })

    it('says which one is of no use', async () => {
      writeFileSync(path('nonsense'), 'PuTTY-User-Key-File-9: x\n', { mode: 0o600 })
      await expect(login(loginTo(sshd, path, 'nonsense'))).rejects.toMatchObject({
        code: 'refused',
        message: `Cannot log in to "127.0.0.1" as ${user}: the key ${path('nonsense')} is of a kind that is not supported here.`,
        hint: 'use an Ed25519, ECDSA or RSA key in the format of OpenSSH',
      })
    })

    it('ends with what the person who was asked has decided', async () => {
      const decided = new TasksError({ code: 'interrupted', message: 'Stopped at the question.' })
      const prompts = { passphrase: () => Promise.reject(decided), acceptHostKey: () => Promise.reject(decided) }
      await expect(login(loginTo(sshd, path, 'locked'), { prompts })).rejects.toBe(decided)
      writeFileSync(path('known_hosts'), '')
      await expect(login(loginTo(sshd, path), { prompts })).rejects.toBe(decided)
    })

    function keyThatWouldDo(name: string): string {
      makeKey(name, '-t', 'ed25519', '-N', 'secret')
      writeFileSync(path('authorized_keys'), readFileSync(path(`${name}.pub`)), { flag: 'a' })
      return path(name)
    }
  })

  describe('with an agent', () => {
    let agent: ChildProcess
    beforeAll(async () => {
      agent = spawn('ssh-agent', ['-D', '-a', path('agent.sock')], { stdio: ['ignore', 'pipe', 'inherit'] })
      // It prints its variables once it listens
      if (agent.stdout) await once(agent.stdout, 'data')
    })
    afterAll(() => agent.kill())
    const add = (...names: string[]) => {
      const env = { ...process.env, SSH_AUTH_SOCK: path('agent.sock') }
      execFileSync('ssh-add', ['-q', '-D'], { env, stdio: 'ignore' })
      for (const name of names) execFileSync('ssh-add', ['-q', path(name)], { env })
    }
    const withAgent = (config = '') => {
      writeFileSync(path('ssh_config'), `IdentityFile ${path('absent')}\n${config}`)
      const { identityFile: _, ...target } = loginTo(sshd, path)
      return login(target, { env: { SSH_AUTH_SOCK: path('agent.sock') } })
    }

    it.each(['ed25519', 'ecdsa', 'rsa'])('takes its %s key', async (name) => {
      add('stranger', name)
      expect(await output(await withAgent())).toBe('in\n')
    })

    it('finds it through IdentityAgent too', async () => {
      add('ed25519')
      writeFileSync(path('ssh_config'), `IdentityFile ${path('absent')}\nIdentityAgent ${path('agent.sock')}`)
      const { identityFile: _, ...target } = loginTo(sshd, path)
      expect(await output(await login(target))).toBe('in\n')
    })

    it('counts its keys when the host takes none', async () => {
      makeKey('stranger2', '-t', 'ed25519', '-N', '')
      add('stranger', 'stranger2')
      await expect(withAgent()).rejects.toMatchObject({
        message: `Cannot log in to "127.0.0.1" as ${user}: the server took none of the keys (agent: 2 keys).`,
      })
    })

    it('offers only the named ones with IdentitiesOnly', async () => {
      add('ed25519', 'stranger')
      await expect(withAgent(`IdentitiesOnly yes\nIdentityFile ${path('stranger.pub')}`)).rejects.toMatchObject({
        message: `Cannot log in to "127.0.0.1" as ${user}: the server took none of the keys (agent: 1 key).`,
      })
      expect(await output(await withAgent(`IdentitiesOnly yes\nIdentityFile ${path('ed25519.pub')}`))).toBe('in\n')
    })

    it('signs with it for a locked file, so that nobody is asked', async () => {
      execFileSync('ssh-keygen', ['-q', '-p', '-P', 'open sesame', '-N', '', '-f', path('locked')])
      add('locked')
      execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', path('locked')])
      const connection = await login(loginTo(sshd, path, 'locked'), { env: { SSH_AUTH_SOCK: path('agent.sock') } })
      expect(await output(connection)).toBe('in\n')
    })

    it('goes on without it when nobody answers at its socket', async () => {
      const connection = await login(loginTo(sshd, path), { env: { SSH_AUTH_SOCK: path('nobody.sock') } })
      expect(await output(connection)).toBe('in\n')
    })
  })

  describe('to a host whose key', () => {
    const hostKey = () => Buffer.from(readFileSync(path('hostkey.pub'), 'utf8').split(' ')[1] ?? '', 'base64')
    const unknown = () => `Cannot trust "127.0.0.1:${sshd.port}": its host key ${fingerprint(hostKey())} (ssh-ed25519)`
    const never = () => Promise.reject(new Error('asked'))
    const known = () => readFileSync(path('known_hosts'), 'utf8')

    it('is in known_hosts, hashed, asks nobody', async () => {
      execFileSync('ssh-keygen', ['-H', '-f', path('known_hosts')], { stdio: 'ignore' })
      expect(known()).toMatch(/^\|1\|/)
      await login(loginTo(sshd, path), { prompts: { acceptHostKey: never } })
    })

    it('is known for the host without its port is trusted, as by OpenSSH', async () => {
      writeFileSync(path('known_hosts'), sshd.knownLine.replace(/^\[(.*)\]:\d+/, '$1'))
      await login(loginTo(sshd, path), { prompts: { acceptHostKey: never } })
    })

    it('is not known is refused where nobody can answer', async () => {
      writeFileSync(path('known_hosts'), '')
      await expect(login(loginTo(sshd, path))).rejects.toMatchObject({
        code: 'refused',
        message: `${unknown()} is not in known_hosts.`,
        hint: `compare it with your provider's console, then accept it once with: ssh ${flags()} ${user}@127.0.0.1 true`,
      })
      expect(known()).toBe('')
    })

    it('is not known is refused when the person says no', async () => {
      writeFileSync(path('known_hosts'), '')
      const questions: HostKeyQuestion[] = []
      const acceptHostKey = async (question: HostKeyQuestion) => {
        questions.push(question)
        return false
      }
      await expect(login(loginTo(sshd, path), { prompts: { acceptHostKey } })).rejects.toMatchObject({
        code: 'refused',
        message: `${unknown()} was not accepted.`,
      })
      expect(questions).toEqual([
        {
          host: '127.0.0.1',
          address: '127.0.0.1',
          port: sshd.port,
          keyType: 'ssh-ed25519',
          fingerprint: fingerprint(hostKey()),
        },
      ])
      expect(known()).toBe('')
    })

    it('is not known is remembered when the person says yes', async () => {
      rmSync(path('fresh'), { recursive: true, force: true })
      const target = { ...loginTo(sshd, path), knownHostsFile: path('fresh/known_hosts') }
      await login(target, { prompts: { acceptHostKey: async () => true } })
      expect(readFileSync(path('fresh/known_hosts'), 'utf8')).toBe(sshd.knownLine)
      expect(statSync(path('fresh/known_hosts')).mode & 0o777).toBe(0o600)
      expect(statSync(path('fresh')).mode & 0o777).toBe(0o700)
      await login(target, { prompts: { acceptHostKey: never } })
    })

    it('is added on a line of its own, hashed where the configuration says so', async () => {
      writeFileSync(path('known_hosts'), 'web9 ssh-ed25519 AAAA')
      writeFileSync(path('ssh_config'), 'HashKnownHosts yes')
      await login(loginTo(sshd, path), { prompts: { acceptHostKey: async () => true } })
      expect(known()).toMatch(/^web9 ssh-ed25519 AAAA\n\|1\|\S+ ssh-ed25519 \S+\n$/)
      await login(loginTo(sshd, path), { prompts: { acceptHostKey: never } })
    })

    it.each(['accept-new', 'no'])('is not known is remembered unasked with StrictHostKeyChecking %s', async (word) => {
      writeFileSync(path('known_hosts'), '')
      writeFileSync(path('ssh_config'), `StrictHostKeyChecking ${word}`)
      await login(loginTo(sshd, path), { prompts: { acceptHostKey: never } })
      expect(known()).toBe(sshd.knownLine)
    })

    it('is not known is refused unasked with StrictHostKeyChecking yes', async () => {
      writeFileSync(path('known_hosts'), '')
      writeFileSync(path('ssh_config'), 'StrictHostKeyChecking yes')
      await expect(login(loginTo(sshd, path), { prompts: { acceptHostKey: never } })).rejects.toMatchObject({
        message: `${unknown()} is not in known_hosts.`,
      })
    })

    it.each(['ask', 'no', 'accept-new'])('changed is refused, with StrictHostKeyChecking %s', async (word) => {
      const line = `${sshd.knownLine.split(' ')[0]} ${readFileSync(path('stranger.pub'), 'utf8')}`
      writeFileSync(path('known_hosts'), `# first\n${line}`)
      writeFileSync(path('ssh_config'), `StrictHostKeyChecking ${word}`)
      await expect(login(loginTo(sshd, path), { prompts: { acceptHostKey: never } })).rejects.toMatchObject({
        code: 'refused',
        message: `Cannot reach "127.0.0.1:${sshd.port}": its host key changed since last time.`,
        hint:
          `it is now ${fingerprint(hostKey())} (ssh-ed25519), and another in ${path('known_hosts')}:2; ` +
          `compare it with your provider's console, then run: ssh-keygen -R '[127.0.0.1]:${sshd.port}' -f ${path('known_hosts')}`,
      })
    })

    it('is revoked is refused, though it is known too', async () => {
      writeFileSync(path('known_hosts'), `${sshd.knownLine}@revoked * ${sshd.knownLine.split(' ').slice(1).join(' ')}`)
      await expect(login(loginTo(sshd, path), { prompts: { acceptHostKey: never } })).rejects.toMatchObject({
        code: 'refused',
        message: `Cannot reach "127.0.0.1:${sshd.port}": its host key ${fingerprint(hostKey())} is marked as revoked in known_hosts.`,
        hint: 'give the host a new key; do not trust this one',
      })
    })

    it('is one of several is asked for by the type that is known', async () => {
      const two = await startSshd({ path, config: [`HostKey ${path('hostkey')}`], hostKey: 'rsa' })
      open.push(two)
      writeFileSync(path('known_hosts'), two.knownLine)
      await login(loginTo(two, path), { prompts: { acceptHostKey: never } })
    })
  })

  it('reaches an IPv6 address, however it is written', async () => {
    const six = await startSshd({ path, address: '::1' })
    open.push(six)
    trust(six, path)
    for (const host of ['::1', `[::1]:${six.port}`, `${user}@[::1]:${six.port}`]) {
      const connection = await login({ ...loginTo(six, path), ...parseTarget(host) })
      expect(await output(connection)).toBe('in\n')
    }
  })

  describe('through other hosts', () => {
    let bastion: Sshd
    let second: Sshd
    beforeAll(async () => {
      bastion = await startSshd({ path })
      second = await startSshd({ path, hostKey: 'ecdsa' })
    })
    beforeEach(() => {
      trust(bastion, path)
      trust(second, path)
      const alias = (name: string, { port }: Sshd) =>
        `Host ${name}\n HostName 127.0.0.1\n Port ${port}\n IdentityFile ${path('ed25519')}\n`
      writeFileSync(
        path('ssh_config'),
        `${alias('bastion', bastion)}${alias('second', second)}${alias('web1', sshd)}` +
          `Host behind\n HostName 127.0.0.1\n Port ${second.port}\n IdentityFile ${path('ed25519')}\n ProxyJump bastion\n` +
          `Host round\n ProxyJump about\nHost about\n ProxyJump round\n`,
      )
    })
    afterAll(async () => {
      await bastion?.close()
      await second?.close()
    })
    const target = (host: string, more: object = {}): SshTarget => ({
      host,
      knownHostsFile: path('known_hosts'),
      configFile: path('ssh_config'),
      ...more,
    })

    it('goes through one', async () => {
      const before = [bastion.connections(), sshd.connections()]
      const connection = await login(target('web1', { jump: 'bastion' }))
      expect(await output(connection)).toBe('in\n')
      expect([bastion.connections(), sshd.connections()]).toEqual(before.map((count) => count + 1))
      expect(connection.wire()).toMatchObject({ connections: 1, hops: 1, channels: 1 })
      // The library sees the socket; of ssh, only what is in the sessions can be seen
      expect(connection.wire().bytesReceived).toBeGreaterThan(transport === 'ssh2' ? 1000 : 3)
    })

    it('goes through two, and through the hops of a hop', async () => {
      for (const jump of ['bastion,second', 'behind']) {
        const connection = await login(target('web1', { jump }))
        expect(await output(connection)).toBe('in\n')
        expect(connection.wire()).toMatchObject({ connections: 1, hops: 2, channels: 1 })
      }
    })

    it('checks the key of every hop', async () => {
      writeFileSync(path('known_hosts'), bastion.knownLine + sshd.knownLine)
      await expect(login(target('web1', { jump: 'bastion,second' }))).rejects.toMatchObject({
        message: expect.stringMatching(
          /^Cannot trust "second" \(127\.0\.0\.1:\d+\) through "bastion": its host key SHA256:/,
        ),
      })
    })

    it('says which part of the way fails', async () => {
      const port = await closedPort()
      await expect(login(target('127.0.0.1', { port, jump: 'bastion' }))).rejects.toMatchObject({
        code: 'unreachable',
        message: `Cannot reach "127.0.0.1:${port}" through "bastion": nothing listens on that port.`,
      })
      const closed = await startSshd({ path, config: ['AllowTcpForwarding no'] })
      open.push(closed)
      trust(closed, path)
      const jump = `127.0.0.1:${closed.port}`
      writeFileSync(path('ssh_config'), `IdentityFile ${path('ed25519')}`)
      await expect(login(target('127.0.0.1', { port: sshd.port, jump }))).rejects.toMatchObject({
        code: 'unreachable',
        message: `Cannot reach "127.0.0.1:${sshd.port}" through "127.0.0.1": the host before it does not forward connections.`,
        hint: 'allow AllowTcpForwarding there, or take another way',
      })
    })

    it('ends what runs when a hop dies', async () => {
      const connection = await login(target('web1', { jump: 'bastion' }))
      const channel = await connection.open('echo up; cat')
      for await (const _ of channel.stdout) break
      bastion.killSessions()
      expect(await channel.ended).toMatchObject({ kind: 'lost' })
    })

    it('refuses hops that lead in a circle', async () => {
      await expect(login(target('round'))).rejects.toMatchObject({
        code: 'config',
        message: 'Cannot find the way to "round": its jump hosts lead in a circle (round, about, round).',
        hint: 'look at ProxyJump in ~/.ssh/config',
      })
    })

    it('speaks through a proxy command, and shows what it complains about', async () => {
      const pipe = `const s = require('net').connect(process.argv[2], process.argv[1]); process.stdin.pipe(s).pipe(process.stdout)`
      writeFileSync(path('pipe.cjs'), pipe.replaceAll('argv[2]', 'argv[3]').replaceAll('argv[1]', 'argv[2]'))
      writeFileSync(
        path('ssh_config'),
        `IdentityFile ${path('ed25519')}\nHost web1\n HostName 127.0.0.1\n Port ${sshd.port}\n ProxyCommand ${process.execPath} ${path('pipe.cjs')} %h %p\n` +
          'Host web2\n ProxyCommand sh -c "echo no %n:%p for %r >&2; exit 1"\n',
      )
      const connection = await login(target('web1'))
      expect(await output(connection)).toBe('in\n')
      // The library sees the socket; of ssh, only what is in the sessions can be seen
      expect(connection.wire().bytesReceived).toBeGreaterThan(transport === 'ssh2' ? 1000 : 3)
      await expect(login(target('web2', { user: 'elspeth' }), { retries: 0 })).rejects.toMatchObject({
        code: 'unreachable',
        message: 'Cannot reach "web2:22": its ProxyCommand ended before speaking SSH.',
        output: 'no web2:22 for elspeth',
      })
    })
  })

  describe('where it does not answer', () => {
    it('tries again when it is turned away before a word was said', async () => {
      const busy = await startSshd({ path, turnAway: 2 })
      open.push(busy)
      trust(busy, path)
      expect(await output(await login(loginTo(busy, path)))).toBe('in\n')
      expect(busy.connections()).toBe(3)
    })

    it('gives up after as many tries as it may', async () => {
      const busy = await startSshd({ path, turnAway: 9 })
      open.push(busy)
      await expect(login(loginTo(busy, path), { retries: 1 })).rejects.toMatchObject({
        code: 'unreachable',
        message: `Cannot reach "127.0.0.1:${busy.port}": it closes connections before speaking SSH.`,
        hint: 'try again in a minute; it may have too many logins at once, or too many failed ones from here',
      })
      expect(busy.connections()).toBe(2)
    })

    it('stops at once when told to', async () => {
      const silent = await silentServer()
      const stop = new AbortController()
      const { port } = silent.address() as { port: number }
      const connecting = login({ ...loginTo(sshd, path), port }, { signal: stop.signal })
      await once(silent, 'connection')
      stop.abort()
      await expect(connecting).rejects.toMatchObject({
        code: 'interrupted',
        message: 'Stopped while connecting to "127.0.0.1".',
      })
      await expect(login(loginTo(sshd, path), { signal: stop.signal })).rejects.toMatchObject({ code: 'interrupted' })
    })

    it('stops while a person is being asked', async () => {
      writeFileSync(path('known_hosts'), '')
      const stop = new AbortController()
      const acceptHostKey = () => {
        stop.abort()
        return new Promise<boolean>(() => {})
      }
      await expect(
        login(loginTo(sshd, path), { signal: stop.signal, prompts: { acceptHostKey } }),
      ).rejects.toMatchObject({
        code: 'interrupted',
      })
    })
  })
})

describe.each(speakers)('a host that cannot be reached with %s', (speaker) => {
  beforeAll(() => {
    transport = speaker
  })
  const target = (port: number, host = '127.0.0.1'): SshTarget => ({
    host,
    port,
    configFile: '/dev/null',
    knownHostsFile: path('known_hosts'),
  })
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close()
  })

  it('is told by its reason when nothing listens', async () => {
    const port = await closedPort()
    await expect(login(target(port))).rejects.toMatchObject({
      code: 'unreachable',
      message: `Cannot reach "127.0.0.1:${port}": nothing listens on that port.`,
      hint: 'check the port, and that an SSH server runs there',
    })
  })

  it('is told when it takes the connection and says nothing', async () => {
    const { port } = (await silentServer()).address() as { port: number }
    await expect(login(target(port), { connectTimeoutSeconds: 1 })).rejects.toMatchObject({
      code: 'unreachable',
      message: `Cannot reach "127.0.0.1:${port}": it did not speak SSH within 1 second.`,
      hint: 'check that an SSH server runs on that port, and how busy the machine is',
    })
  })

  it('is told when nothing answers at all', async () => {
    // Its queue for two is full, and it takes nobody out: whoever comes next hears nothing, as behind a firewall that drops
    const script = `
      const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
        require('node:fs').writeSync(1, String(server.address().port))
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
      })`
    const busy = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(busy.stdout, 'data')
    const port = Number(String(line))
    const waiting = [1, 2].map(() => createConnection(port, '127.0.0.1'))
    await Promise.all(waiting.map((socket) => once(socket, 'connect')))
    await expect(login(target(port), { connectTimeoutSeconds: 1 })).rejects.toMatchObject({
      code: 'unreachable',
      message: `Cannot reach "127.0.0.1:${port}": no answer within 1 second.`,
      hint: 'check the address, and that the machine is up and no firewall is in between',
    })
    for (const socket of waiting) socket.destroy()
    busy.kill('SIGKILL')
  })

  it('is told when something else listens there', async () => {
    const server = await listening((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const { port } = server.address() as { port: number }
    await expect(login(target(port), { retries: 0 })).rejects.toMatchObject({
      code: 'unreachable',
      message: `Cannot reach "127.0.0.1:${port}": what answers there does not speak SSH.`,
      hint: 'check the port',
    })
  })

  it('is told when its name is not known', async () => {
    await expect(login(target(22, 'no-such-host.invalid'))).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(
        /^Cannot reach "no-such-host\.invalid:22": (no such host name is known|host names cannot be looked up just now)\.$/,
      ),
    })
  })

  it('reaches an IPv6 address that is written as such', async () => {
    const port = await closedPort()
    await expect(login(target(port, '::1'))).rejects.toMatchObject({
      message: expect.stringMatching(/^Cannot reach "\[::1\]:\d+": /),
    })
  })
})

async function listening(answer: (socket: Socket) => void): Promise<Server> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    answer(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  })
  return server
}

function silentServer(): Promise<Server> {
  return listening(() => {})
}

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
