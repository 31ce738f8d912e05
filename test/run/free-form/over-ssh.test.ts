import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, connect as dial, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../../src/core/connection.ts'
import { secret } from '../../../src/core/data.ts'
import { sh } from '../../../src/core/sh.ts'
import { connectLocal } from '../../../src/transport/local.ts'
import { connectSsh } from '../../../src/transport/ssh.ts'
import { until } from '../../hosts/until.ts'
import { keyFolder, loginTo, type Sshd, sshdProgram, startSshd, trust } from '../../transport/sshd.ts'
import { hostOn, type Tried } from './on.ts'

const keys = keyFolder()
const { path } = keys
const folder = mkdtempSync(join(tmpdir(), 'tasks-ports-'))
const open: { close(): unknown }[] = []
let sshd: Sshd
let strict: Sshd

beforeAll(async () => {
  if (!sshdProgram) return
  sshd = await startSshd({ path })
  strict = await startSshd({ path, config: ['AllowTcpForwarding no', 'PermitTTY no', 'AllowStreamLocalForwarding no'] })
  for (const each of [sshd, strict]) trust(each, path)
})
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close()
})
afterAll(async () => {
  await sshd?.close()
  await strict?.close()
  keys.remove()
  rmSync(folder, { recursive: true })
})

/** A server of this machine, at a port or at the path of a socket. */
async function serving(answer: Parameters<typeof createServer>[1], place: string | number = 0): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, answer)
  await new Promise<void>((resolve) =>
    typeof place === 'string' ? server.listen(place, resolve) : server.listen(place, '127.0.0.1', resolve),
  )
  open.push({ close: () => server.close() })
  return server
}

const portOf = (server: Server) => (server.address() as AddressInfo).port
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** What comes back for what is sent. */
async function sent(port: number, bytes: Uint8Array | string): Promise<Buffer> {
  const socket = dial({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.end(bytes)
  return await buffer(socket)
}

for (const transport of ['ssh2', 'openssh'] as const) {
  describe.skipIf(!sshdProgram)(`a free-form task over SSH with ${transport}`, () => {
    let connection: Connection
    let tried: Tried
    const login = async (server: Sshd) => {
      const one = await connectSsh({ ...loginTo(server, path), transport }, { env: {} })
      open.push(one)
      return one
    }

    beforeEach(async () => {
      connection = await login(sshd)
      tried = hostOn(connection)
    })

    it('runs a command with one channel, and reads random bytes back', async () => {
      const bytes = randomBytes(300_000)
      const { stdout, exitCode } = await tried.host
        .env({ P: secret('p', 'quite secret') })
        .run(sh`echo "$P"; sha256sum; exit 2`, { input: bytes, ok: [2] })
      expect([stdout.slice(0, 77), exitCode]).toEqual([`quite secret\n${digest(bytes)}`, 2])
      expect(connection.wire().channels).toBe(1)
    })

    it('ends a command with all that it has started', async () => {
      const running = tried.host.run(sh`echo begun; sleep 6543 | timeout 6543 sleep 6544`, { timeout: 1 })
      await expect(running).rejects.toMatchObject({
        message: expect.stringContaining('was ended, because it took longer than 1 second.'),
      })
      expect((await tried.host.run(sh`ps axww -o args | grep -c '[s]leep 654'`, { ok: 'any' })).stdout).toBe('0\n')
    })

    it('gives a terminal of the size that is asked for, and no echo', async () => {
      const { stdout, stderr } = await tried.host.run(
        sh`stty size; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo a terminal; echo err >&2; read -r line; echo "got $line"; cat`,
        { pty: { columns: 132, rows: 43 }, input: 'typed\nmore' },
      )
      expect([stdout, stderr]).toEqual(['43 132\na terminal\nerr\ngot typed\nmore', ''])
      expect((await tried.host.run(sh`tput cols 2>/dev/null || stty size; cat`, { pty: true })).stdout).toMatch(/80/)
    })

    it('answers at a terminal, and shows no answer', async () => {
      const command = sh`stty -echo; printf 'password: '; read -r word </dev/tty; stty echo; echo; echo "$word"`
      const watch = [{ pattern: /password: /, answer: secret('p', 'correct horse') }]
      expect((await tried.host.run(command, { pty: true, watch })).stdout).toBe('password: \ncorrect horse\n')
      expect(tried.told()).toBe('password: \n***\n')
    })

    it('tells that a host gives no terminal', async () => {
      const { host } = hostOn(await login(strict))
      await expect(host.run(sh`id`, { pty: true })).rejects.toMatchObject({ code: 'refused' })
      expect((await host.run(sh`echo still`)).stdout).toBe('still\n')
    })

    it('does not take a lost connection for an end', async () => {
      const running = tried.host.run(sh`echo begun; sleep 5`)
      running.catch(() => {})
      await until(() => tried.told().includes('begun'))
      await connection.close()
      await expect(running).rejects.toMatchObject({
        code: 'unreachable',
        message:
          'Nobody knows how the command "echo begun; sleep 5" on "web1" ended, because the connection was closed.',
        hint: 'look on the host what it came to before you run it again',
        output: 'begun',
      })
      expect(tried.events.at(-1)).toMatchObject({ type: 'command.finished', outcome: 'unknown' })
    })

    it('carries many connections at once to a port of the host, whole both ways', async () => {
      const echo = await serving((socket) => socket.pipe(socket))
      const { port, address, close } = await tried.host.forward({ there: portOf(echo) })
      expect(address).toBe('127.0.0.1')
      const all = Array.from({ length: 20 }, () => randomBytes(300_000))
      const back = await Promise.all(all.map((bytes) => sent(port, bytes)))
      expect(back.map(digest)).toEqual(all.map(digest))
      await close()
      await expect(sent(port, 'x')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    })

    it('holds back who sends faster than the other side reads', async () => {
      let taken = 0
      const slow = await serving((socket) => {
        socket.pause()
        socket.on('data', (chunk) => (taken += chunk.length)).on('end', () => socket.end(`${taken}`))
        open.push({ close: () => socket.destroy() })
        setTimeout(() => socket.resume(), 500)
      })
      const { port } = await tried.host.forward({ there: `127.0.0.1:${portOf(slow)}` })
      const socket = dial({ port, host: '127.0.0.1', allowHalfOpen: true })
      const bytes = Buffer.alloc(64 << 20)
      expect(socket.write(bytes)).toBe(false)
      socket.end()
      expect((await buffer(socket)).toString()).toBe(String(bytes.length))
    })

    it("carries connections to a socket of the host's, and closes with the task", async () => {
      const place = join(folder, `${transport}.sock`)
      await serving((socket) => socket.end('hello'), place)
      const { host, ended } = hostOn(connection, { host: { name: 'web1', address: 'x', tunnels: { db: place } } })
      const { port } = await host.tunnel('db')
      expect((await sent(port, '')).toString()).toBe('hello')
      ended.abort()
      await until(() =>
        sent(port, '').then(
          () => false,
          () => true,
        ),
      )
    })

    it('carries connections of the host to this machine', async () => {
      const echo = await serving((socket) => socket.pipe(socket))
      const { port, close } = await tried.host.forward({ listen: 0, to: portOf(echo) })
      const bytes = randomBytes(300_000)
      const back = await Promise.all([sent(port, bytes), sent(port, bytes)])
      expect(back.map(digest)).toEqual([digest(bytes), digest(bytes)])
      await close()
      await until(() =>
        sent(port, '').then(
          () => false,
          () => true,
        ),
      )
      const taken = portOf(echo)
      await expect(tried.host.forward({ listen: taken, to: taken })).rejects.toMatchObject({
        code: 'refused',
        message: `Cannot have "127.0.0.1" listen on port ${taken} for this machine, because its SSH server refuses.`,
        hint: 'see on the host whether the port is taken (ss -ltn), and AllowTcpForwarding in its sshd_config',
      })
    })

    it('tells of connections that are not let through, once for each reason', async () => {
      const gone = await serving(() => {})
      const free = portOf(gone)
      await new Promise((resolve) => gone.close(resolve))
      const { port } = await tried.host.forward({ there: free })
      for (const _ of [1, 2]) await sent(port, '').catch(() => {})
      expect(tried.events).toEqual([
        {
          type: 'note.told',
          level: 'warning',
          host: 'web1',
          task: 'test',
          message: `Cannot connect from "web1" to ${free}, because Connection refused.`,
        },
      ])
      const { host, events } = hostOn(await login(strict))
      await sent((await host.forward({ there: free })).port, '').catch(() => {})
      expect(events).toMatchObject([
        {
          message: `Cannot connect from "web1" to ${free}, because its SSH server forbids it.`,
          hint: 'look at AllowTcpForwarding and PermitOpen in its sshd_config',
        },
      ])
      await expect(host.forward({ listen: 0, to: free })).rejects.toMatchObject({
        message: 'Cannot have "127.0.0.1" listen on a port for this machine, because its SSH server refuses.',
      })
    })
  })
}

describe('a forwarding', () => {
  it('to a port that is taken here is refused', async () => {
    const taken = portOf(await serving(() => {}))
    const link = { name: 'x' } as const
    expect(link.name).toBe('x')
    if (!sshdProgram) return
    const connection = await connectSsh(loginTo(sshd, path), { env: {} })
    open.push(connection)
    await expect(hostOn(connection).host.forward({ here: taken, there: 1 })).rejects.toMatchObject({
      code: 'failed',
      message: `Cannot listen on port ${taken} of this machine, because something else does.`,
      hint: 'leave `here` out, for any port that is free',
    })
  })

  it('that the config does not name is told with those that it does', async () => {
    const named = (tunnels?: Record<string, string>) =>
      hostOn({ user: 'me' } as Connection, { host: { name: 'web1', address: 'x', tunnels } }).host.tunnel('bd')
    await expect(named({ db: '1' })).rejects.toMatchObject({
      code: 'config',
      message: 'Cannot open the tunnel "bd" to "web1", because the config has none of that name for it.',
      hint: 'use one of: db',
    })
    await expect(named()).rejects.toMatchObject({ hint: 'add hosts.web1.tunnels' })
  })

  it('of this machine to itself is refused, and a terminal of its own', async () => {
    const { host } = hostOn(await connectLocal())
    await expect(host.forward({ there: 80 })).rejects.toMatchObject({
      code: 'usage',
      message: 'Cannot forward a port of "web1", because nothing carries connections to it.',
    })
    await expect(host.run(sh`id`, { pty: true })).rejects.toMatchObject({
      code: 'usage',
      message: 'Cannot give a command on this machine a terminal, because only an SSH server makes one.',
    })
  })
})
