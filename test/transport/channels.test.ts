import { createHash, randomBytes } from 'node:crypto'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Channel, Connection } from '../../src/core/connection.ts'
import { connectLocal } from '../../src/transport/local.ts'
import { connectSsh } from '../../src/transport/ssh.ts'
import { keyFolder, loginTo, type Sshd, sshdProgram, startSshd, trust } from './sshd.ts'

const keys = keyFolder()
const { path } = keys
let sshd: Sshd | undefined

beforeAll(async () => {
  if (!sshdProgram) return
  sshd = await startSshd({ path })
  trust(sshd, path)
})
afterAll(async () => {
  await sshd?.close()
  keys.remove()
})

const speakers = ['ssh2', 'openssh'] as const
type Speaker = (typeof speakers)[number]

function connect(transport: Speaker): Promise<Connection> {
  return sshd ? connectSsh({ ...loginTo(sshd, path), transport }, { env: {} }) : Promise.reject(new Error('no sshd'))
}

async function all(output: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of output) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Reads until a text has come; then lets the rest go by. */
async function until(output: AsyncIterable<Uint8Array>, text: string): Promise<string> {
  let seen = ''
  for await (const chunk of output) {
    seen += Buffer.from(chunk).toString()
    if (seen.includes(text)) break
  }
  return seen
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

const transports = [
  ...speakers.map((speaker) => ({
    name: `over SSH with ${speaker}`,
    connect: () => connect(speaker),
    isThere: sshdProgram !== undefined,
  })),
  { name: 'on this machine', connect: connectLocal, isThere: true },
]

for (const { name, connect, isThere } of transports) {
  describe.skipIf(!isThere)(`a command ${name}`, () => {
    let connection: Connection
    beforeAll(async () => {
      connection = await connect()
    })
    afterAll(() => connection?.close())
    const start = async (command: string, input?: string): Promise<Channel> => {
      const channel = await connection.open(command)
      if (input !== undefined) {
        await channel.write(input)
        channel.end()
      }
      return channel
    }

    it('runs as the login user', async () => {
      const channel = await start('id -un', '')
      expect(connection.user).toBe(userInfo().username)
      expect((await all(channel.stdout)).toString()).toBe(`${connection.user}\n`)
    })

    it('keeps its two outputs apart, and tells its exit code', async () => {
      const channel = await start('printf out; printf err >&2; exit 7', '')
      expect([(await all(channel.stdout)).toString(), (await all(channel.stderr)).toString()]).toEqual(['out', 'err'])
      expect(await channel.ended).toEqual({ kind: 'exited', code: 7 })
    })

    it('tells the signal that killed it', async () => {
      const channel = await start('kill -TERM $$', '')
      expect(await channel.ended).toEqual({ kind: 'signalled', signal: 'SIGTERM' })
    })

    it('tells that it exited when a child of it was killed', async () => {
      const channel = await start("sh -c 'kill -KILL $$'; exit $?", '')
      expect(await channel.ended).toEqual({ kind: 'exited', code: 137 })
    })

    it('gets 10 MB and gives them back, byte for byte', async () => {
      const sent = randomBytes(10_000_000)
      const channel = await start('cat')
      const received = all(channel.stdout)
      for (let at = 0; at < sent.length; at += 1_234_567) await channel.write(sent.subarray(at, at + 1_234_567))
      channel.end()
      expect(digest(await received)).toBe(digest(sent))
      expect(await channel.ended).toEqual({ kind: 'exited', code: 0 })
    })

    it('gets 10 MB in one piece while nobody reads what it says', async () => {
      const channel = await start('cat >/dev/null; echo done')
      await channel.write(Buffer.alloc(10_000_000))
      channel.end()
      expect((await all(channel.stdout)).toString()).toBe('done\n')
    })

    it('gives its bytes as they are, however a character is split between two chunks', async () => {
      const channel = await start(`printf '\\303'; read line; printf '\\244\\377\\000'`)
      const chunks: Buffer[] = []
      for await (const chunk of channel.stdout) {
        if (chunks.push(Buffer.from(chunk)) === 1) await channel.write('go on\n')
      }
      expect(chunks.map((chunk) => [...chunk])).toEqual([[0xc3], [0xa4, 0xff, 0x00]])
    })

    it('is heard while its other output is not read at all', async () => {
      const channel = await start('head -c 500000 /dev/zero >&2; echo done', '')
      expect((await all(channel.stdout)).toString()).toBe('done\n')
      expect(await channel.ended).toEqual({ kind: 'exited', code: 0 })
      expect((await all(channel.stderr)).length).toBe(500_000)
    })

    it('goes on when a reader of its noise leaves early', async () => {
      const channel = await start('head -c 9000000 /dev/zero >&2; head -c 9000000 /dev/zero; echo done', '')
      await until(channel.stderr, '\0')
      expect((await all(channel.stdout)).subarray(-5).toString()).toBe('done\n')
      expect(await channel.ended).toEqual({ kind: 'exited', code: 0 })
    })

    it('is held back until somebody reads', async () => {
      const mark = path(`held-${Math.random()}`)
      const channel = await start(`head -c 30000000 /dev/zero; : >'${mark}'`, '')
      // By the time that another command has come back, an unhindered one would be far along
      await all((await start('i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done', '')).stdout)
      expect(existsSync(mark)).toBe(false)
      expect((await all(channel.stdout)).length).toBe(30_000_000)
      await channel.ended
      expect(existsSync(mark)).toBe(true)
    })

    it('may end while it is written to', async () => {
      const channel = await start('exit 3')
      for (let count = 0; count < 200; count++) await channel.write(Buffer.alloc(100_000))
      channel.end()
      expect(await channel.ended).toEqual({ kind: 'exited', code: 3 })
      await channel.write('more')
      channel.end()
    })

    it('may close its input and go on', async () => {
      const channel = await start('exec <&-; echo closed; head -c 1 /dev/null; exit 4')
      const writing = channel.write(Buffer.alloc(8_000_000))
      expect((await all(channel.stdout)).toString()).toBe('closed\n')
      expect(await channel.ended).toEqual({ kind: 'exited', code: 4 })
      await writing
    })

    it('takes an input that it never reads only as far as there is room', async () => {
      const channel = await start('echo "$$"; exec sleep 1000')
      const pid = Number(await until(channel.stdout, '\n'))
      let isTaken = false
      const writing = channel.write(Buffer.alloc(20_000_000)).then(() => {
        isTaken = true
      })
      await all((await start('echo another', '')).stdout)
      expect(isTaken).toBe(false)
      await connection.close()
      await writing
      expect(await channel.ended).toEqual({ kind: 'lost', because: 'the connection was closed' })
      await expect(connection.open('true')).rejects.toMatchObject({ code: 'unreachable' })
      connection = await connect()
      // Given up or lost, a command runs on
      process.kill(pid, 'SIGTERM')
    })

    it('is let go when it is given up, and goes on by itself', async () => {
      const mark = path(`mark-${Math.random()}`)
      const stop = new AbortController()
      const channel = await connection.open(`echo up; read line; trap '' PIPE; : >'${mark}'`, { signal: stop.signal })
      await until(channel.stdout, 'up')
      stop.abort()
      expect(await channel.ended).toEqual({ kind: 'lost', because: 'it was given up' })
      const waiting = await start(`while [ ! -e '${mark}' ]; do sleep 0.02; done; echo there`, '')
      expect((await all(waiting.stdout)).toString()).toBe('there\n')
      rmSync(mark)
    })

    it('does not start once it is given up', async () => {
      const mark = path(`never-${Math.random()}`)
      const opening = connection.open(`: >'${mark}'`, { signal: AbortSignal.abort() })
      await expect(opening).rejects.toMatchObject({ code: 'interrupted' })
      expect(existsSync(mark)).toBe(false)
    })

    it('runs beside eleven others', async () => {
      const before = connection.wire().channels
      const outputs = await Promise.all(
        Array.from({ length: 12 }, async (_, index) => {
          const channel = await connection.open('read number; sleep 0.1; echo "$number"')
          await channel.write(`${index}\n`)
          channel.end()
          return (await all(channel.stdout)).toString()
        }),
      )
      expect(outputs).toEqual(Array.from({ length: 12 }, (_, index) => `${index}\n`))
      expect(connection.wire().channels - before).toBe(12)
    })
  })
}

describe.skipIf(!sshdProgram).each(speakers)('a connection with %s that breaks', (transport) => {
  it('ends every command as lost, and opens no more', async () => {
    const connection = await connect(transport)
    const channels = await Promise.all([1, 2, 3].map(() => connection.open('echo up; cat')))
    for (const channel of channels) await until(channel.stdout, 'up')
    sshd?.killSessions()
    for (const channel of channels) {
      await channel.write('into the void')
      expect(await channel.ended).toMatchObject({ kind: 'lost' })
      expect((await all(channel.stderr)).toString()).toBe('')
    }
    await expect(connection.open('true')).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/^Cannot run a command on "127\.0\.0\.1": /),
      hint: 'connect again',
    })
    await connection.close()
    await connection.close()
  })

  it('keeps what had come before, for whoever reads it later', async () => {
    const connection = await connect(transport)
    const channel = await connection.open('head -c 3000000 /dev/zero; echo up >&2; cat')
    await until(channel.stderr, 'up').catch(() => '')
    sshd?.killSessions()
    expect(await channel.ended).toMatchObject({ kind: 'lost' })
    expect((await all(channel.stdout)).length).toBeGreaterThan(1_000_000)
  })

  it('is noticed when nothing comes any more', async () => {
    if (!sshd) throw new Error('no sshd')
    const { configFile, ...target } = loginTo(sshd, path)
    writeFileSync(path('quick_config'), 'ServerAliveInterval 1\nServerAliveCountMax 1\n')
    const connection = await connectSsh({ ...target, configFile: path('quick_config'), transport }, { env: {} })
    const channel = await connection.open('echo up; cat')
    await until(channel.stdout, 'up')
    sshd.freeze()
    expect(await channel.ended).toEqual({ kind: 'lost', because: 'nothing came from the host for 1 second' })
    sshd.killSessions()
    await connection.close()
  })

  it('waits for one of its own commands to end where the host allows no more sessions', async () => {
    const narrow = await startSshd({ path, config: ['MaxSessions 2'] })
    trust(narrow, path)
    const connection = await connectSsh({ ...loginTo(narrow, path), transport }, { env: {} })
    const first = await connection.open('read line')
    const second = await connection.open('read line')
    const third = connection.open('echo third')
    const fourth = new AbortController()
    const abandoned = connection.open('echo fourth', { signal: fourth.signal })
    fourth.abort()
    await expect(abandoned).rejects.toMatchObject({ code: 'interrupted' })
    first.end()
    expect((await all((await third).stdout)).toString()).toBe('third\n')
    second.end()
    await connection.close()
    await narrow.close()
  })

  it('says so where no session is allowed at all', async () => {
    const none = await startSshd({ path, config: ['MaxSessions 0'] })
    trust(none, path)
    const connection = await connectSsh({ ...loginTo(none, path), transport }, { env: {} })
    await expect(connection.open('true')).rejects.toMatchObject({
      code: 'refused',
      message: 'Cannot run a command on "127.0.0.1": it opened no session (open failed).',
      hint: 'look at MaxSessions, ForceCommand and the login shell of the user there',
    })
    await connection.close()
    await none.close()
  })
})
