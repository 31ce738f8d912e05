import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import type { Connection } from '../../src/core/connection.ts'
import { get } from '../../src/run/free-form/get.ts'
import { put } from '../../src/run/free-form/put.ts'
import type { TransferPlace } from '../../src/run/free-form/transfer-place.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { connectSsh } from '../../src/transport/ssh.ts'
import { hostileFolder } from '../run/free-form/hostile-folder.ts'
import { folders, harmless, listing, placeOn, told } from '../run/free-form/transfers.ts'
import { onHosts, ssh, withHost } from './host.ts'
import { until } from './until.ts'

/** Where time is short, a sixteenth of a gibibyte shows the same. */
const large = process.env.FAULTS === 'sample' ? 64 : 1024
const mebibyte = 1 << 20

onHosts('transfers with a real host', () => {
  let host: SandboxHost
  beforeAll(async () => {
    host = await withHost({ debian: 13, sudo: 'password' })
    await ssh(host, 'apt-get remove -y rsync; useradd -m grace; mkdir /srv/closed; chmod 700 /srv/closed', 'root')
  })

  const connect = (transport: 'ssh2' | 'openssh' = 'ssh2') => {
    const { address, port, user, identityFile, knownHostsFile } = host
    return connectSsh({ host: address, port, user, identityFile, knownHostsFile, transport }, { env: {} })
  }
  const setUp = async (more: Partial<TransferPlace> = {}, connection?: Connection) => {
    const at = folders()
    const there = `/home/elspeth/${randomBytes(4).toString('hex')}`
    await ssh(host, `mkdir ${there}`)
    const place = placeOn(connection ?? (await connect()), { ...at, there }, more)
    return {
      ...at,
      there,
      place,
      onHost: async (text: string) => (await ssh(host, `cd ${there}; ${text}`, 'root')).stdout,
    }
  }
  /** Answers that are given in turn, the last one as often as it takes. */
  const asRoot = (...answers: readonly string[]) => {
    const left = [...answers]
    return { ask: { sudoPassword: async () => (left.length > 1 ? left.shift() : left[0]) ?? '' } }
  }

  it.each(['ssh2', 'openssh'] as const)(
    'over %s carry what is large in little memory',
    async (transport) => {
      const { here, place } = await setUp({}, await connect(transport))
      const block = randomBytes(mebibyte)
      let peak = 0
      const look = () => {
        peak = Math.max(peak, process.memoryUsage().rss)
      }
      async function* blocks() {
        for (let number = 0; number < large; number++) {
          block.writeUInt32BE(number)
          look()
          yield Buffer.from(block)
        }
      }
      const before = process.memoryUsage().rss
      expect(await put(place, blocks(), 'large')).toMatchObject({ files: 1, bytes: large * mebibyte })
      await get({ ...place, emit: look }, 'large', 'large')
      expect(await digest(createReadStream(join(here, 'large')))).toBe(await digest(blocks()))
      expect((peak - before) / mebibyte).toBeLessThan(200)
      expect(place.connection.wire().channels).toBe(2)
      await place.connection.close()
    },
    900_000,
  )

  it('carry five thousand files, and names of every byte, there and back', async () => {
    const { here, place } = await setUp()
    hostileFolder(join(here, 'many'))
    for (let folder = 0; folder < 50; folder++) {
      mkdirSync(join(here, `many/${folder}`))
      for (let file = 0; file < 100; file++) writeFileSync(join(here, `many/${folder}/${file}`), `${folder} ${file}`)
    }
    const { files } = await put(place, 'many', 'many')
    expect(files).toBeGreaterThan(5000)
    expect(await get(place, 'many', 'back')).toMatchObject({ files })
    expect(listing(join(here, 'back')).map(harmless)).toEqual(listing(join(here, 'many')).map(harmless))
    await place.connection.close()
  })

  it("put what is root's in root's places, with a password that is asked for, and for other users", async () => {
    const { here, place, onHost } = await setUp(asRoot('wrong', 'correct horse'))
    const bytes = randomBytes(300_000)
    const stat = (path: string) => onHost(`stat -c '%U:%G %a' ${path}; sha256sum <${path}`)
    const sum = createHash('sha256').update(bytes).digest('hex')
    await put(place, bytes, '/srv/closed/file', { as: 'root', mode: '0640', owner: 'root:www-data' })
    expect(await stat('/srv/closed/file')).toBe(`root:www-data 640\n${sum}  -\n`)
    await put(place, bytes, '/home/grace/file', { as: 'grace' })
    expect(await stat('/home/grace/file')).toBe(`grace:grace 644\n${sum}  -\n`)
    mkdirSync(join(here, 'site'))
    writeFileSync(join(here, 'site/page'), 'page')
    await put(place, 'site', '/srv/closed/site', { as: 'root', owner: 'grace', mode: '0750' })
    expect(await onHost('cd /srv/closed/site; stat -c "%U %a" . page')).toBe('grace 750\ngrace 644\n')
    await get(place, '/srv/closed/file', 'file', { as: 'root' })
    expect(readFileSync(join(here, 'file')).equals(bytes)).toBe(true)
    expect(place.passwords.get('web1')).toBe('correct horse')
    expect(await onHost('ls -A /srv/closed /home/grace | grep tasks; ls /dev/shm')).toBe('')
    await place.connection.close()
  })

  it('say why not, and change nothing', async () => {
    const { place, onHost } = await setUp(asRoot('correct horse'))
    await onHost('mkdir full && mount -t tmpfs -o size=4m tmpfs full && echo old >full/file && chmod 777 full')
    await onHost('mkdir brim && mount -t tmpfs -o size=64k tmpfs brim && head -c 65536 /dev/zero >brim/all')
    await onHost('mkdir read-only && mount -t tmpfs -o ro tmpfs read-only')
    const bytes = Buffer.alloc(8_000_000)
    const tries = [
      put(place, bytes, 'full/file'),
      put(place, bytes, 'full/file', { as: 'root' }),
      put(place, Buffer.from('x'), 'brim/file', { as: 'root' }),
      put(place, bytes, 'read-only/file', { as: 'root' }),
      put(place, bytes, '/etc/file'),
      put(place, bytes, '/srv/closed/file'),
      put(place, bytes, 'file', { owner: 'root' }),
      put(place, bytes, 'file', { as: 'root', owner: 'nobody-of-that-name' }),
      put(place, bytes, 'file', { as: 'nobody-of-that-name' }),
      get(place, '/etc/shadow', 'file'),
      get(place, '/root', 'file'),
    ]
    const errors = await Promise.all(tries.map(told))
    expect(errors.map(({ message }) => message)).toEqual([
      'Cannot put a stream to "full/file" on "web1", because the disk is full there.',
      'Cannot put a stream to "full/file" on "web1", because the disk is full there.',
      'Cannot put a stream to "brim/file" on "web1", because the disk is full there.',
      'Cannot put a stream to "read-only/file" on "web1", because the file system is read-only there.',
      'Cannot put a stream to "/etc/file" on "web1", because elspeth may not write in "/etc".',
      'Cannot put a stream to "/srv/closed/file" on "web1", because elspeth may not enter "/srv/closed".',
      'Cannot put a stream to "file" on "web1", because elspeth may not make it somebody else\'s.',
      'Cannot put a stream to "file" on "web1", because that host does not know the owner that it is to have.',
      'Cannot put a stream to "file" on "web1", because that host has no user "nobody-of-that-name".',
      'Cannot get "/etc/shadow" from "web1", because elspeth may not read "/etc/shadow".',
      'Cannot get "/root" from "web1", because elspeth may not read "/root".',
    ])
    expect(await onHost('cat full/file; find . -mindepth 1 -printf "%p\\n" | sort; umount full brim read-only')).toBe(
      'old\n./brim\n./brim/all\n./full\n./full/file\n./read-only\n',
    )
    await place.connection.close()
  })

  it('that are cut or killed on the host leave the target as it was, and the next one clears up', async () => {
    const { place, onHost } = await setUp()
    await onHost('echo old >file; chown elspeth file')
    async function* cutting(cut: () => unknown) {
      yield randomBytes(3_000_000)
      await cut()
      while (true) yield randomBytes(mebibyte)
    }
    const killed = put(
      place,
      cutting(() => onHost('pkill -KILL -f "[s]h /dev/shm/tasks.*/program"')),
      'file',
    )
    expect((await told(killed)).message).toMatch(
      /^Cannot put a stream to "file" on "web1", because the connection was lost/,
    )
    expect(await onHost('cat file; ls -A | grep -c tasks; touch -d "2 minutes ago" .tasks-*')).toBe('old\n1\n')
    expect(
      (
        await told(
          put(
            place,
            cutting(() => place.connection.close()),
            'file',
          ),
        )
      ).message,
    ).toBe(
      'Cannot put a stream to "file" on "web1", because the connection was lost on the way: the connection was closed. Nothing was changed.',
    )
    await until(
      () => onHost('ls -A'),
      (names) => !names.includes('.tasks-'),
    )
    const again = placeOn(await connect(), { here: place.localFolder, there: place.folder ?? '' })
    await put(again, Buffer.from('new'), 'file')
    expect(await onHost('cat file; ls -A')).toBe('newfile\n')
    await again.connection.close()
  })

  it('say what to do where the host has no tar', async () => {
    const { here, place, onHost } = await setUp()
    mkdirSync(join(here, 'site'))
    await onHost('mv /usr/bin/tar /usr/bin/no-tar; mkdir site')
    const errors = [await told(put(place, 'site', 'app')), await told(get(place, 'site', 'copy'))]
    await onHost('mv /usr/bin/no-tar /usr/bin/tar')
    expect(errors).toEqual([
      {
        message: 'Cannot put "site" to "app" on "web1", because that host has no tar.',
        hint: 'on the host: apt install tar',
      },
      { message: 'Cannot get "site" from "web1", because that host has no tar.', hint: 'on the host: apt install tar' },
    ])
    await place.connection.close()
  })
})

async function digest(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}
