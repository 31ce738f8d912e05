import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { get } from '../../../src/run/free-form/get.ts'
import { read } from '../../../src/run/free-form/read.ts'
import { machine, shells } from '../../program/harness.ts'
import { hostileFolder } from './hostile-folder.ts'
import { folders, harmless, leftIn, listing, placeOn, told } from './transfers.ts'

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8)

describe.each(shells)('from a host whose sh is %s', (shell) => {
  const setUp = async () => {
    const at = folders()
    const connection = await machine(shell).connect()
    return { ...at, connection, place: placeOn(connection, at) }
  }

  it('get reads a file with its bytes, over one channel', async () => {
    const { here, there, place, connection } = await setUp()
    const bytes = randomBytes(3_000_001)
    writeFileSync(join(there, 'a\n'), bytes)
    expect(await get(place, 'a\n', 'b')).toEqual({ files: 1, bytes: bytes.length, took: expect.any(Number) })
    expect(readFileSync(join(here, 'b')).equals(bytes)).toBe(true)
    expect(leftIn(here)).toEqual([])
    expect(connection.wire().channels).toBe(1)
  })

  it('get lets nobody else read what not everybody may read there, and nobody else write', async () => {
    const { here, there, place } = await setUp()
    for (const mode of [0o600, 0o640, 0o644, 0o666, 0o755, 0o4755, 0o400]) {
      const name = mode.toString(8)
      writeFileSync(join(there, name), 'x')
      chmodSync(join(there, name), mode)
      await get(place, name, name)
    }
    expect(['600', '640', '644', '666', '755', '4755', '400'].map((name) => modeOf(join(here, name)))).toEqual([
      ...['600', '600', '644', '644', '755', '755', '400'],
    ])
  })

  it('get brings a folder here as it is: every kind of name, dotfiles, modes, links, empty folders, times', async () => {
    const { here, there, place } = await setUp()
    const files = hostileFolder(join(there, 'dist'))
    const { files: count } = await get(place, 'dist', 'copy')
    expect(listing(join(here, 'copy')).map(harmless)).toEqual(listing(join(there, 'dist')).map(harmless))
    expect(modeOf(join(here, 'copy'))).toBe('700')
    expect(count).toBe(files)
    expect(leftIn(here)).toEqual([])
  })

  it('get has a folder take the place of a folder only where that is said', async () => {
    const { here, there, place } = await setUp()
    for (const [folder, name] of [
      [here, 'old'],
      [there, 'new'],
    ] as const) {
      mkdirSync(join(folder, 'app'))
      writeFileSync(join(folder, 'app', name), name)
    }
    const message = `Cannot get "app" from "web1", because ${JSON.stringify(join(here, 'app'))} is a folder here.`
    const hint = 'to have one folder take the place of another: replace: true; to have a file in it, name the file'
    expect(await told(get(place, 'app', 'app'))).toEqual({ message, hint })
    chmodSync(join(there, 'app'), 0o555)
    await get(place, 'app', 'app', { replace: true })
    expect(listing(here).map((line) => line.split(' ').at(-1))).toEqual(['app', 'app/new'])
    expect(modeOf(join(here, 'app'))).toBe('555')
  })

  it('get lets a folder be that somebody else made meanwhile', async () => {
    const { here, there, place } = await setUp()
    mkdirSync(join(there, 'app'))
    const emit = (event: { type: string }) => {
      if (event.type === 'transfer.started') mkdirSync(join(here, 'app/theirs'), { recursive: true })
    }
    expect((await told(get({ ...place, emit }, 'app', 'app'))).message).toBe(
      `Cannot get "app" from "web1", because ${JSON.stringify(join(here, 'app'))} is a folder here.`,
    )
    expect(listing(here).map((line) => line.split(' ').at(-1))).toEqual(['app', 'app/theirs'])
  })

  it('get and read say what is not there to be read, and change nothing', async () => {
    const { here, there, place } = await setUp()
    mkdirSync(join(there, 'folder'))
    writeFileSync(join(there, 'file'), 'new')
    mkdirSync(join(here, 'folder'))
    writeFileSync(join(here, 'file'), 'old')
    symlinkSync('nowhere', join(there, 'dangling'))
    execFileSync('mkfifo', [join(there, 'pipe')])
    const before = listing(here)
    const messages = []
    for (const [source, target] of [
      ['none', 'file'],
      ['none/none', 'file'],
      ['dangling', 'file'],
      ['pipe', 'file'],
      ['file', 'folder'],
      ['file', 'none/file'],
      ['file', 'file/file'],
      ['file', 'folder/'],
      ['folder', 'file'],
      ['', 'file'],
    ] as const) {
      messages.push((await told(get(place, source, target))).message)
    }
    messages.push((await told(all(read(place, 'folder')))).message, (await told(all(read(place, 'none')))).message)
    expect(messages.map((message) => message.replaceAll(there, '/there').replaceAll(here, '/here'))).toEqual([
      'Cannot get "none" from "web1", because "none" does not exist there.',
      'Cannot get "none/none" from "web1", because the folder "/there/none" does not exist there.',
      'Cannot get "dangling" from "web1", because "dangling" does not exist there.',
      'Cannot get "pipe" from "web1", because "pipe" is neither a file nor a folder there.',
      'Cannot get "file" from "web1", because "/here/folder" is a folder here.',
      'Cannot get "file" from "web1", because the folder "/here/none" does not exist on this machine.',
      'Cannot get "file" from "web1", because "/here/file" is no folder on this machine.',
      'Cannot get "file" from "web1", because "folder/" names no file of its own.',
      'Cannot get "folder" from "web1", because "/here/file" is here and no folder.',
      'Cannot get "" from "web1", because "" is no path.',
      'Cannot read "folder" on "web1", because "folder" is a folder there.',
      'Cannot read "none" on "web1", because "none" does not exist there.',
    ])
    expect(listing(here)).toEqual(before)
  })

  it('get takes nothing of a file that changed while it was read', async () => {
    const { here, there, place } = await setUp()
    const growing = join(there, 'growing')
    writeFileSync(growing, Buffer.alloc(5_000_000))
    const emit = (event: { type: string }) => {
      if (event.type === 'transfer.progressed') writeFileSync(growing, 'x', { flag: 'a' })
    }
    expect(await told(get({ ...place, emit }, 'growing', 'file'))).toEqual({
      message: 'Cannot get "growing" from "web1", because it changed while it was read.',
      hint: 'wait until nobody writes to it, or copy it on the host first',
    })
    expect(listing(here)).toEqual([])
  })

  it('get ends when the person wants it, and leaves nothing', async () => {
    const { here, there, place } = await setUp()
    writeFileSync(join(there, 'a'), Buffer.alloc(5_000_000))
    const stop = new AbortController()
    const emit = (event: { type: string }) => void (event.type === 'transfer.progressed' && stop.abort())
    const { message } = await told(get({ ...place, emit, signal: stop.signal }, 'a', 'b'))
    expect(message).toBe('A transfer with "web1" was interrupted, and changed nothing.')
    expect(listing(here)).toEqual([])
  })

  it('get clears away what a killed one left, and gives back the folder that it had moved', async () => {
    const { here, there, place } = await setUp()
    writeFileSync(join(there, 'a'), 'a')
    const { pid } = JSON.parse(execFileSync('node', ['-p', 'JSON.stringify(process)'], { encoding: 'utf8' }))
    const machine = execFileSync('hostname', { encoding: 'utf8' }).trim()
    for (const [id, holder] of [
      ['dead00', { pid, machine, name: 'app' }],
      ['living', { pid: process.pid, machine, name: 'app' }],
      ['others', { pid, machine: 'another', name: 'app' }],
    ] as const) {
      mkdirSync(join(here, `.tasks-get-${id}`, 'old'), { recursive: true })
      writeFileSync(join(here, `.tasks-get-${id}`, 'holder'), JSON.stringify(holder))
    }
    mkdirSync(join(here, '.tasks-get-nobody'))
    await get(place, 'a', 'b')
    expect(leftIn(here)).toEqual(['.tasks-get-living', '.tasks-get-nobody', '.tasks-get-others'])
    expect(statSync(join(here, 'app')).isDirectory()).toBe(true)
  })

  it('read gives the bytes as they come, and lets the host off where no more are wanted', async () => {
    const { there, place } = await setUp()
    const bytes = randomBytes(5_000_000)
    writeFileSync(join(there, 'a'), bytes)
    const digest = (text: Uint8Array) => createHash('sha256').update(text).digest('hex')
    expect(digest(await all(read(place, 'a')))).toBe(digest(bytes))
    for await (const chunk of read(place, 'a')) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    expect((await all(read(place, '/proc/self/status'))).toString()).toContain('Name:')
  })
})

async function all(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const kept = []
  for await (const chunk of chunks) kept.push(chunk)
  return Buffer.concat(kept)
}
