import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { put } from '../../../src/run/free-form/put.ts'
import { machine, shells } from '../../program/harness.ts'
import { hostileFolder } from './hostile-folder.ts'
import { folders, leftIn, listing, placeOn, told } from './transfers.ts'

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8)

describe.each(shells)('put, to a host whose sh is %s', (shell) => {
  const setUp = async (more = {}) => {
    const at = folders()
    const connection = await machine(shell).connect()
    return { ...at, connection, place: placeOn(connection, at, more) }
  }

  it('writes a file with its bytes and mode, over one channel', async () => {
    const { here, there, place, connection } = await setUp()
    const bytes = randomBytes(3_000_001)
    writeFileSync(join(here, 'a'), bytes)
    chmodSync(join(here, 'a'), 0o4750)
    expect(await put(place, 'a', 'b')).toEqual({ files: 1, bytes: bytes.length, took: expect.any(Number) })
    expect(readFileSync(join(there, 'b')).equals(bytes)).toBe(true)
    expect(modeOf(join(there, 'b'))).toBe('750')
    expect(leftIn(there)).toEqual([])
    expect(connection.wire().channels).toBe(1)
  })

  it('writes bytes, streams, and nothing at all', async () => {
    const { there, place } = await setUp()
    async function* pieces() {
      yield Buffer.from('one')
      yield Buffer.alloc(0)
      yield Buffer.from('two')
    }
    await put(place, Buffer.from('bytes'), 'bytes')
    await put(place, pieces(), 'stream', { mode: '0600' })
    await put(place, Buffer.alloc(0), 'empty')
    expect(['bytes', 'stream', 'empty'].map((name) => readFileSync(join(there, name), 'utf8'))).toEqual([
      'bytes',
      'onetwo',
      '',
    ])
    expect(['bytes', 'stream', 'empty'].map((name) => modeOf(join(there, name)))).toEqual(['644', '600', '644'])
  })

  it('takes a hostile name for a name', async () => {
    const { there, place } = await setUp()
    const names = [
      '-rf',
      'it\'s $(touch pwned) `id` "x"',
      'two\nlines\n',
      ' ',
      '*',
      'ü'.repeat(127),
      'a'.repeat(255),
      '~',
      '\\n%s',
    ]
    for (const name of names) await put(place, Buffer.from(name), name)
    for (const name of names) expect(readFileSync(join(there, name), 'utf8')).toBe(name)
    expect(existsSync(join(there, 'pwned'))).toBe(false)
    mkdirSync(join(there, '-d\n'))
    await put({ ...place, folder: join(there, '-d\n') }, Buffer.from('x'), '-')
    expect(readFileSync(join(there, '-d\n', '-'), 'utf8')).toBe('x')
  })

  it('brings a folder over as it is: every kind of name, dotfiles, modes, links, empty folders, times', async () => {
    const { here, there, place } = await setUp()
    const files = hostileFolder(join(here, 'dist'))
    const { files: count } = await put(place, 'dist', 'app')
    const kept = { hasAllTimes: shell !== 'busybox' }
    expect(listing(join(there, 'app'), kept)).toEqual(listing(join(here, 'dist'), kept))
    expect(modeOf(join(there, 'app'))).toBe(modeOf(join(here, 'dist')))
    expect(count).toBe(files)
    expect(leftIn(there)).toEqual([])
  })

  it('takes the place of a file or a link, and leaves alone what the link leads to', async () => {
    const { there, place } = await setUp()
    writeFileSync(join(there, 'old'), 'old', { mode: 0o600 })
    symlinkSync('old', join(there, 'link'))
    await put(place, Buffer.from('new'), 'link')
    expect(lstatSync(join(there, 'link')).isFile()).toBe(true)
    expect(readFileSync(join(there, 'old'), 'utf8')).toBe('old')
    await put(place, Buffer.from('new'), 'old')
    expect(readFileSync(join(there, 'old'), 'utf8')).toBe('new')
    expect(modeOf(join(there, 'old'))).toBe('644')
  })

  it('has a folder take the place of a folder only where that is said, and then exactly', async () => {
    const { here, there, place } = await setUp()
    for (const [folder, name] of [
      [here, 'new'],
      [there, 'old'],
    ] as const) {
      mkdirSync(join(folder, 'app'))
      writeFileSync(join(folder, 'app', name), name)
    }
    expect(await told(put(place, 'app', 'app'))).toEqual({
      message: 'Cannot put "app" to "app" on "web1", because "app" is a folder there.',
      hint: 'to have one folder take the place of another: replace: true; to have a file in it, name the file',
    })
    expect(listing(there).map((line) => line.split(' ').at(-1))).toEqual(['app', 'app/old'])
    chmodSync(join(here, 'app'), 0o555)
    await put(place, 'app', 'app', { replace: true })
    expect(listing(there).map((line) => line.split(' ').at(-1))).toEqual(['app', 'app/new'])
    expect(modeOf(join(there, 'app'))).toBe('555')
  })

  it('lets a folder be that somebody else made meanwhile', async () => {
    const { here, there, place } = await setUp()
    mkdirSync(join(here, 'app'))
    const emit = (event: { type: string }) => {
      if (event.type === 'transfer.started') mkdirSync(join(there, 'app/theirs'), { recursive: true })
    }
    expect((await told(put({ ...place, emit }, 'app', 'app'))).message).toBe(
      'Cannot put "app" to "app" on "web1", because "app" is a folder there.',
    )
    expect(listing(there).map((line) => line.split(' ').at(-1))).toEqual(['app', 'app/theirs'])
  })

  it('says what is in the way, and changes nothing', async () => {
    const { here, there, place } = await setUp()
    mkdirSync(join(here, 'dist'))
    mkdirSync(join(there, 'folder'))
    writeFileSync(join(there, 'file'), 'old')
    symlinkSync('folder', join(there, 'link'))
    execFileSync('mkfifo', [join(there, 'pipe')])
    const before = listing(there)
    const messages = []
    const bytes = Buffer.from('x')
    for (const [source, target] of [
      [bytes, 'folder'],
      [bytes, 'pipe'],
      [bytes, 'none/file'],
      [bytes, 'file/file'],
      [bytes, 'folder/'],
      [bytes, '/'],
      [bytes, ''],
      [bytes, 'folder/..'],
      ['dist', 'file'],
      ['dist', 'link'],
      ['none', 'file'],
    ] as const) {
      messages.push((await told(put(place, source, target))).message)
    }
    expect(messages.map((message) => message.replaceAll(there, '/there').replaceAll(here, '/here'))).toEqual([
      'Cannot put a stream to "folder" on "web1", because "folder" is a folder there.',
      'Cannot put a stream to "pipe" on "web1", because "pipe" is neither a file nor a folder there.',
      'Cannot put a stream to "none/file" on "web1", because the folder "/there/none" does not exist there.',
      'Cannot put a stream to "file/file" on "web1", because the folder "/there/file" does not exist there.',
      'Cannot put a stream to "folder/" on "web1", because that names a folder.',
      'Cannot put a stream to "/" on "web1", because that names no file of its own.',
      'Cannot put a stream to "" on "web1", because that names no file of its own.',
      'Cannot put a stream to "folder/.." on "web1", because that names no file of its own.',
      'Cannot put "dist" to "file" on "web1", because "file" is a file there.',
      'Cannot put "dist" to "link" on "web1", because "link" is a symbolic link there.',
      'Cannot put "none" to "file" on "web1", because "/here/none" does not exist on this machine.',
    ])
    expect(listing(there)).toEqual(before)
  })

  it('clears away what a killed one left, gives back the folder that it had moved, and lets the living and the strange be', async () => {
    const { there, place } = await setUp()
    const old = new Date(Date.now() - 3_600_000)
    const leave = (id: string, files: Readonly<Record<string, string>>) => {
      const left = join(there, `.tasks-put-${id}`)
      mkdirSync(left)
      for (const [name, text] of Object.entries(files)) writeFileSync(join(left, name), text)
      utimesSync(left, old, old)
      return left
    }
    leave('0123456789', { name: 'gone', new: 'half' })
    const moved = leave('abcdefghij', { name: 'app' })
    mkdirSync(join(moved, 'old'))
    writeFileSync(join(moved, 'old', 'kept'), 'kept')
    utimesSync(moved, old, old)
    const held = leave('heldheldhe', { name: 'x', new: 'half' })
    leave('strangers_', { new: 'no name' })
    const holder = execFileSync('sh', [
      '-c',
      `exec 9<"$1"; flock 9; sleep 600 >/dev/null 2>&1 & echo $!`,
      'sh',
      held,
    ]).toString()
    try {
      await put(place, Buffer.from('x'), 'file')
    } finally {
      process.kill(Number(holder))
    }
    expect(leftIn(there)).toEqual(['.tasks-put-heldheldhe', '.tasks-put-strangers_'])
    expect(readFileSync(join(there, 'app', 'kept'), 'utf8')).toBe('kept')
  })

  it('leaves the target as it was when the source fails or changes, or the person wants an end', async () => {
    const { here, there, place } = await setUp()
    writeFileSync(join(there, 'file'), 'old')
    const before = listing(there)
    async function* broken() {
      yield Buffer.alloc(2_000_000)
      throw new Error('the source broke')
    }
    await expect(put(place, broken(), 'file')).rejects.toThrow('the source broke')
    expect(listing(there)).toEqual(before)
    const growing = join(here, 'growing')
    writeFileSync(growing, Buffer.alloc(5_000_000))
    const grow = {
      emit: (event: { type: string }) =>
        void (event.type === 'transfer.progressed' && writeFileSync(growing, 'x', { flag: 'a' })),
    }
    expect(await told(put({ ...place, ...grow }, 'growing', 'file'))).toEqual({
      message: 'Cannot put "growing" to "file" on "web1", because it changed while it was read.',
      hint: 'wait until nobody writes to it, and run it again',
    })
    expect(listing(there)).toEqual(before)
    const stop = new AbortController()
    async function* endless() {
      yield Buffer.alloc(2_000_000)
      stop.abort()
      await new Promise(() => undefined)
    }
    expect((await told(put({ ...place, signal: stop.signal }, endless(), 'file'))).message).toBe(
      'A transfer with "web1" was interrupted, and changed nothing.',
    )
    expect(listing(there)).toEqual(before)
  })

  it('tells what it does', async () => {
    const { here, place } = await setUp()
    writeFileSync(join(here, 'a'), Buffer.alloc(2_500_000))
    await put(place, 'a', 'b')
    const of = { host: 'web1', transfer: expect.stringMatching(/^[0-9a-f]{12}$/) }
    expect(place.events).toEqual([
      { type: 'transfer.started', ...of, direction: 'put', source: 'a', target: 'b', total: 2_500_000 },
      { type: 'transfer.progressed', ...of, bytes: 1_048_576 },
      { type: 'transfer.progressed', ...of, bytes: 2_097_152 },
      { type: 'transfer.finished', ...of, outcome: 'done', files: 1, bytes: 2_500_000, took: expect.any(Number) },
    ])
  })
})
