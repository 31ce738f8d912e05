import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Channel, Connection } from '../../../src/core/connection.ts'
import { sha256 } from '../../../src/core/data.ts'
import { get } from '../../../src/run/free-form/get.ts'
import { TarCheck } from '../../../src/run/free-form/tar-check.ts'
import { folders, listing, placeOn, told } from './transfers.ts'

interface Entry {
  readonly name: string
  readonly type?: string
  readonly link?: string
  readonly mode?: number
  readonly text?: string
}

const end = Buffer.alloc(1024)

/** An archive with whatever entries, as a hostile host can make one. */
function archive(...entries: readonly Entry[]): Buffer {
  return Buffer.concat([...entries.flatMap(({ text = '', ...entry }) => [header(entry, text), content(text)]), end])
}

function header({ name, type = '0', link = '', mode = 0o644 }: Entry, text: string): Buffer {
  const made = Buffer.alloc(512)
  made.write(name, 0, 100)
  for (const [at, number, length] of [
    [100, mode, 7],
    [108, 0, 7],
    [116, 0, 7],
    [124, Buffer.byteLength(text), 11],
    [136, 0, 11],
  ] as const)
    made.write(number.toString(8).padStart(length, '0'), at)
  made.fill(' ', 148, 156)
  made.write(type, 156)
  made.write(link, 157, 100)
  made.write('ustar  ', 257)
  const sum = made.reduce((all, byte) => all + byte, 0)
  made.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return made
}

function content(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}

async function through(bytes: Uint8Array, pieces = bytes.length): Promise<Buffer> {
  const check = new TarCheck({ cannot: 'Cannot get "x" from "web1"', mode: (mode) => mode & 0o777 })
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += pieces) yield bytes.subarray(at, at + pieces)
  }
  const out = []
  for await (const chunk of check.through(chunks())) out.push(chunk)
  return Buffer.concat(out)
}

const refusals: readonly (readonly [string, readonly Entry[], string])[] = [
  ['an absolute name', [{ name: '/etc/passwd' }], '"/etc/passwd" in it leads out of its folder'],
  ['a way up', [{ name: './a/../../b' }], '"./a/../../b" in it leads out of its folder'],
  [
    'a way up in a long name',
    [{ name: '././@LongLink', type: 'L', text: '../b\0' }, { name: 'b' }],
    '"../b" in it leads out of its folder',
  ],
  [
    'a file through a link',
    [{ name: 'a', type: '2', link: '/etc' }, { name: 'a/b' }],
    '"a/b" in it leads through a link',
  ],
  [
    'a file in the place of a link',
    [{ name: './a', type: '2', link: '/etc/x' }, { name: 'a' }],
    '"a" in it leads through a link',
  ],
  ['a hard link out', [{ name: 'a', type: '1', link: '../b' }], '"../b" in it leads out of its folder'],
  [
    'an absolute hard link',
    [{ name: 'a', type: '1', link: '/etc/shadow' }],
    '"/etc/shadow" in it leads out of its folder',
  ],
  [
    'a hard link through a link',
    [
      { name: 'a', type: '2', link: '/etc' },
      { name: 'b', type: '1', link: 'a/shadow' },
    ],
    '"a/shadow" in it leads through a link',
  ],
  ['a device', [{ name: 'a', type: '3' }], '"a" in it is neither a file, a folder nor a link'],
  ['a pipe', [{ name: 'a', type: '6' }], '"a" in it is neither a file, a folder nor a link'],
  [
    'a header for all that follow',
    [{ name: 'a', type: 'g', text: 'path=../b' }],
    '"a" in it is neither a file, a folder nor a link',
  ],
  [
    'another thing in the place of the folder itself',
    [{ name: '.', type: '2', link: '/etc' }],
    '"." in it is no folder',
  ],
]

describe('an archive of a stranger', () => {
  it.each(refusals)('is not unpacked with %s', async (_, entries, because) => {
    expect(await told(through(archive(...entries)))).toEqual({
      message: `Cannot get "x" from "web1", because ${because}.`,
    })
  })

  it('is not unpacked when it is broken', async () => {
    const bent = archive({ name: 'a' })
    bent[0] = 98
    const messages = [bent, archive({ name: 'a', text: 'x'.repeat(600) }).subarray(0, 1024), Buffer.alloc(0)].map(
      async (bytes) => (await told(through(bytes))).message,
    )
    expect(await Promise.all(messages)).toEqual([
      'Cannot get "x" from "web1", because tar\'s archive is broken: a checksum in it is wrong.',
      'Cannot get "x" from "web1", because tar\'s archive is broken: it ends in the middle of an entry.',
      'Cannot get "x" from "web1", because tar\'s archive is broken: it ends in the middle of an entry.',
    ])
  })

  it('loses the bits that lend rights, and what stands behind its end, in whatever pieces it comes', async () => {
    const long = 'd'.repeat(90)
    const entries: readonly Entry[] = [
      { name: './', type: '5', mode: 0o2755 },
      { name: './root', mode: 0o6755, text: 'x'.repeat(1000) },
      { name: '././@LongLink', type: 'L', text: `./${long}/${long}\0` },
      { name: `./${long}`, text: 'long' },
      { name: './link', type: '2', link: '/etc/passwd' },
    ]
    const bytes = Buffer.concat([archive(...entries), archive({ name: '../evil' })])
    const clean = await through(bytes)
    for (const size of [1, 100, 511, 513, 4096]) expect((await through(bytes, size)).equals(clean)).toBe(true)
    const { folder } = folders()
    writeFileSync(join(folder, 'x.tar'), clean)
    mkdirSync(join(folder, 'x'))
    execFileSync('tar', ['-xpf', '../x.tar'], { cwd: join(folder, 'x') })
    expect(listing(join(folder, 'x')).map((line) => line.replace(/ \d+ (?=\S* )/, ' '))).toHaveLength(4)
    expect(execFileSync('tar', ['-tvf', join(folder, 'x.tar')], { encoding: 'utf8' })).not.toMatch(/^\S*s|evil/m)
  })

  it('that a host sends in place of a folder leaves nothing here', async () => {
    const at = folders()
    writeFileSync(join(at.folder, 'victim'), 'untouched')
    const bytes = archive(
      { name: './', type: '5' },
      { name: './fine', text: 'x' },
      { name: '../victim', text: 'taken' },
    )
    expect((await told(get(placeOn(hostile(bytes), at), 'app', 'app'))).message).toBe(
      'Cannot get "app" from "web1", because "../victim" in it leads out of its folder.',
    )
    expect(listing(at.here)).toEqual([])
    expect(readFileSync(join(at.folder, 'victim'), 'utf8')).toBe('untouched')
  })
})

/** A host that answers whatever is asked with these bytes, and their right checksum. */
function hostile(bytes: Buffer): Connection {
  return {
    user: 'me',
    async open(): Promise<Channel> {
      let hear = (_text: string): void => undefined
      const input = new Promise<string>((resolve) => {
        hear = resolve
      })
      async function* stdout() {
        const marker = /\S+ (?=get run)/.exec(await input)?.[0].trim()
        yield Buffer.from(`\n${marker} ready folder 755 -\n`)
        yield bytes
        yield Buffer.from(`\n${marker} done ${sha256(bytes)}\n`)
      }
      return {
        stdout: stdout(),
        stderr: (async function* () {})(),
        async write(text) {
          hear(Buffer.from(text).toString('latin1').split('\n')[0] ?? '')
        },
        end: () => undefined,
        ended: Promise.resolve({ kind: 'exited', code: 0 }),
      }
    },
    wire: () => ({ connections: 1, channels: 1, bytesSent: 0, bytesReceived: 0 }),
    close: async () => undefined,
  }
}
