import { randomBytes } from 'node:crypto'
import { connect as dial } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Ask } from '../../src/core/ask.ts'
import type { Connection } from '../../src/core/connection.ts'
import { secret, sha256 } from '../../src/core/data.ts'
import { sh } from '../../src/core/sh.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { connectSsh } from '../../src/transport/ssh.ts'
import { hostOn } from '../run/free-form/on.ts'
import { onHosts, ssh, withHost } from './host.ts'

onHosts("a free-form task's commands", () => {
  let box: SandboxHost
  const logins: Connection[] = []

  beforeAll(async () => {
    box = await withHost({ debian: 13, sudo: 'password' })
    await ssh(
      box,
      `printf 'elspeth:correct horse\nstranger:battery staple\n' >/tmp/words
      useradd -m -s /bin/sh stranger; useradd -m -s /bin/bash postgres; chpasswd </tmp/words
      cp -r /home/elspeth/.ssh /home/stranger/ && chown -R stranger: /home/stranger/.ssh
      mkdir -p /srv/app && chmod 700 /srv && echo 'echo noise; echo noise >&2' >>/etc/bash.bashrc`,
      'root',
    )
  })
  afterAll(async () => {
    await Promise.all(logins.map((login) => login.close()))
  })

  async function as(user: string, ask: Ask = {}) {
    const { address: host, port, identityFile, knownHostsFile } = box
    const connection = await connectSsh({ host, port, user, identityFile, knownHostsFile }, {})
    logins.push(connection)
    return { ...hostOn(connection, { ask }), connection }
  }

  function answering(...passwords: readonly string[]) {
    const asked: unknown[] = []
    const left = [...passwords]
    const sudoPassword: Ask['sudoPassword'] = async (question) => {
      asked.push(question)
      return left.shift() ?? ''
    }
    return { asked, ask: { sudoPassword } }
  }

  it('become root by a password that is asked for once, in the folder and environment of their scope', async () => {
    const { ask, asked } = answering('correct horse')
    const { host, connection, told } = await as('elspeth', ask)
    const there = host
      .cd('/srv')
      .cd('app')
      .env({ NAME: "it's", PASSWORD: secret('p', 'battery staple') })
    const bytes = randomBytes(300_000)
    const first = await there.sudo(sh`id -un; pwd; echo "$NAME $PASSWORD $HOME"; sha256sum`, { input: bytes })
    expect(first.stdout).toBe(`root\n/srv/app\nit's battery staple /root\n${sha256(bytes)}  -\n`)
    expect(told()).toContain("it's *** /root")
    const second = await there.sudo(
      sh`id -un; cat ${secret('file', 'in a file')}; stat -c %U ${secret('file', 'in a file')}`,
    )
    expect(second.stdout).toBe('root\nin a fileroot\n')
    expect(asked).toEqual([{ host: 'web1', user: 'elspeth', isRetry: false }])
    expect(connection.wire().channels).toBe(2)
    await expect(host.cd('/srv').run(sh`id`)).rejects.toMatchObject({
      message: 'Cannot run "id" on "web1" in the folder "/srv", because elspeth may not go there.',
    })
  })

  it('become another user, by sudo and by root, with what is theirs', async () => {
    const { host } = await as('elspeth', answering('correct horse').ask)
    const who = sh`id -un; echo "$HOME $USER"; id -Gn; cat ${secret('p', 'quite secret')}`
    const theirs = 'postgres\n/home/postgres postgres\npostgres\nquite secret'
    expect((await host.sudo(who, { as: 'postgres' })).stdout).toBe(theirs)
    expect((await host.sudo(sh`id -un`, { as: 'elspeth' })).stdout).toBe('elspeth\n')
    const root = (await as('root')).host
    expect((await root.sudo(who, { as: 'postgres' })).stdout).toBe(theirs)
    expect((await root.sudo(sh`id -un; cat`, { input: 'in' })).stdout).toBe('root\nin')
    for (const one of [host, root]) {
      await expect(one.sudo(sh`id`, { as: 'nobody-here' })).rejects.toMatchObject({
        code: 'refused',
        message: 'Cannot become nobody-here on "web1", because there is no such user.',
        hint: "correct as: 'nobody-here'",
      })
    }
  })

  it('are refused with the reason', async () => {
    const { ask, asked } = answering('wrong', 'wrong too', 'and again')
    await expect((await as('elspeth', ask)).host.sudo(sh`id`)).rejects.toMatchObject({
      code: 'refused',
      message: 'Cannot become root on "web1", because sudo refused the password of elspeth.',
    })
    expect(asked).toHaveLength(3)
    await expect((await as('elspeth')).host.sudo(sh`id`, { input: 'never a password' })).rejects.toMatchObject({
      message:
        'Cannot become root on "web1", because sudo wants the password of elspeth and nobody is there to type it.',
    })
    await expect((await as('stranger', answering('battery staple').ask)).host.sudo(sh`id`)).rejects.toMatchObject({
      message: 'Cannot become root on "web1", because stranger may not use sudo there.',
    })
  })

  it('say nothing of what the login shell says before them', async () => {
    const { host } = await as('elspeth', answering('correct horse').ask)
    expect(await host.run(sh`echo out; echo err >&2`)).toMatchObject({ stdout: 'out\n', stderr: 'err\n' })
  })

  it('leave no process behind when their time is over, those of root neither', async () => {
    const { host } = await as('elspeth', answering('correct horse').ask)
    const long = sh`setsid sleep 7654 & sleep 7655 | timeout 7655 sleep 7656`
    for (const pty of [false, true]) {
      await expect(host.sudo(long, { timeout: 1, pty })).rejects.toMatchObject({ code: 'failed' })
      const { stdout } = await ssh(box, 'pgrep -af "^(sudo|sleep 765[56]|timeout)" || echo none', 'root')
      expect(stdout).toBe('none\n')
    }
  })

  it('have a terminal of their own under sudo', async () => {
    const { host, told } = await as('elspeth', answering('correct horse').ask)
    const { stdout } = await host.sudo(sh`stty size; id -un; passwd postgres; echo done`, {
      pty: { columns: 132, rows: 43 },
      watch: [{ pattern: /password: ?$/, answer: secret('new', 'new battery staple') }],
    })
    expect(stdout).toMatch(
      /^43 132\nroot\nNew password: \nRetype new password: \npasswd: password updated successfully\ndone\n$/,
    )
    expect(told()).not.toContain('staple')
  })

  it('reach a service that only the host sees', async () => {
    const { host } = await as('elspeth')
    const { port, close } = await host.forward({ there: 22 })
    const socket = dial({ port, host: '127.0.0.1' })
    const greeting = await new Promise((resolve) => socket.once('data', (chunk) => resolve(String(chunk))))
    socket.end()
    expect(greeting).toMatch(/^SSH-2.0-OpenSSH/)
    await text(socket)
    await close()
  })
})
