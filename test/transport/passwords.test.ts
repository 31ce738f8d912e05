import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2, { type AuthContext, type Connection as Client } from 'ssh2'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connectSsh, type Prompts, type SshTarget } from '../../src/transport/ssh.ts'

// A real sshd takes passwords of the machine's own users alone
const folder = mkdtempSync(join(tmpdir(), 'tasks-passwords-'))
const known = join(folder, 'known_hosts')
const config = join(folder, 'config')
const servers: ssh2.Server[] = []
const clients = new Set<Client>()

beforeAll(() => {
  for (const name of ['hostkey', 'id'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)])
})
afterEach(() => {
  for (const client of clients) client.end()
  for (const server of servers.splice(0)) server.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function serverThat(authenticate: (context: AuthContext) => void): Promise<SshTarget> {
  const server = new ssh2.Server({ hostKeys: [readFileSync(join(folder, 'hostkey'))] }, (client) => {
    clients.add(client)
    client.on('authentication', authenticate)
    client.on('error', () => {})
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const key = readFileSync(join(folder, 'hostkey.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  writeFileSync(known, `[127.0.0.1]:${port} ${key}\n`)
  writeFileSync(config, `IdentityFile ${join(folder, 'absent')}\n`)
  return { host: '127.0.0.1', port, user: 'elspeth', knownHostsFile: known, configFile: config }
}

const connectWith = async (target: SshTarget, prompts: Prompts) => {
  const connection = await connectSsh(target, { env: {}, prompts })
  await connection.close()
}

/** Gives one answer after the other, and remembers what was asked. */
function answering(...answers: string[]) {
  const asked: string[] = []
  const password = async (who: string) => {
    asked.push(who)
    return answers[asked.length - 1] ?? ''
  }
  return { asked, password }
}

const takes = (password: string) => (context: AuthContext) =>
  context.method === 'password' && context.password === password ? context.accept() : context.reject(['password'])

describe.each(['ssh2', 'openssh'] as const)('a password with %s', (transport) => {
  const connect = (target: SshTarget, prompts: Prompts) => connectWith({ ...target, transport }, prompts)

  it('is asked for by user and host, after the keys', async () => {
    const methods: string[] = []
    const target = await serverThat((context) => {
      // Each asks in its own way what the host would take
      if (context.method !== 'none') methods.push(context.method)
      if (context.method === 'password' && context.password === 'right') context.accept()
      else context.reject(['publickey', 'password'])
    })
    const { asked, password } = answering('right')
    await connect({ ...target, identityFile: join(folder, 'id') }, { password })
    expect(asked).toEqual(['elspeth@127.0.0.1'])
    expect(methods).toEqual(['publickey', 'password'])
  })

  it('is asked for three times in all', async () => {
    const target = await serverThat(takes('right'))
    await connect(target, answering('wrong', 'wrong', 'right'))
    const { asked, password } = answering('wrong', 'wrong', 'wrong', 'right')
    await expect(connect(target, { password })).rejects.toMatchObject({
      code: 'refused',
      message: 'Cannot log in to "127.0.0.1" as elspeth: the server took none of the passwords.',
      hint: `try it by hand: ssh -F ${config} -p ${target.port} -o UserKnownHostsFile=${known} elspeth@127.0.0.1`,
    })
    expect(asked).toHaveLength(3)
  })

  it('is not asked for where the host takes none, or nobody can answer', async () => {
    const none = await serverThat((context) => context.reject(['publickey']))
    const { asked, password } = answering('right')
    const message =
      'Cannot log in to "127.0.0.1" as elspeth: there is no key to offer (no key in an agent, none in ~/.ssh).'
    await expect(connect(none, { password })).rejects.toMatchObject({ message })
    expect(asked).toEqual([])
    await expect(connect(await serverThat(takes('right')), {})).rejects.toMatchObject({ message })
  })

  it('answers the questions of a host that asks by itself, each by its name', async () => {
    const target = await serverThat((context) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
      const questions = [
        { prompt: 'Password: ', echo: false },
        { prompt: 'Verification code:', echo: false },
      ]
      context.prompt(questions, (answers) => (answers?.join() === 'right,123456' ? context.accept() : context.reject()))
    })
    const { asked, password } = answering('right', '123456')
    await connect(target, { password })
    expect(asked).toEqual(['elspeth@127.0.0.1', 'elspeth@127.0.0.1 (Verification code)'])
  })

  it('follows a key where the host wants both', async () => {
    const target = await serverThat((context) => {
      if (context.method === 'publickey')
        return context.signature ? context.reject(['password'], true) : context.accept()
      takes('right')(context)
    })
    await connect({ ...target, identityFile: join(folder, 'id') }, answering('right'))
  })

  it('is not needed where the host lets anybody in', async () => {
    const target = await serverThat((context) => (context.method === 'none' ? context.accept() : context.reject()))
    await connect(target, {})
  })
})
