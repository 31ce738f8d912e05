import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../../../src/core/connection.ts'
import { isTasksError } from '../../../src/core/errors.ts'
import { get } from '../../../src/run/free-form/get.ts'
import { put } from '../../../src/run/free-form/put.ts'
import type { TransferPlace } from '../../../src/run/free-form/transfer-place.ts'
import { connectSsh } from '../../../src/transport/ssh.ts'
import { type CutProxy, startCutProxy, type TcpCut } from '../../transport/cut-proxy.ts'
import { keyFolder, loginTo, type Sshd, sshdProgram, startSshd } from '../../transport/sshd.ts'
import { folders, leftIn, placeOn } from './transfers.ts'

/** `CUTS=all` cuts at many places; else at a few, since each is a login. */
const places = process.env.CUTS === 'all' ? { ssh2: 100, openssh: 30 } : { ssh2: 5, openssh: 3 }
const size = 200_000
/** Sent and received before a command can begin. */
const login = 4_000

describe.skipIf(sshdProgram === undefined).each(['ssh2', 'openssh'] as const)('a transfer over %s', (transport) => {
  const keys = keyFolder()
  let sshd: Sshd
  let proxy: CutProxy
  beforeAll(async () => {
    sshd = await startSshd({ path: keys.path })
    proxy = await startCutProxy(sshd.port)
    writeFileSync(keys.path('known_hosts'), sshd.knownLine.replace(`${sshd.port}`, `${proxy.port}`))
  })
  afterAll(async () => {
    await proxy.close()
    await sshd.close()
    keys.remove()
  })

  const connect = () =>
    connectSsh({ ...loginTo(sshd, keys.path), port: proxy.port, transport }, { retries: 0, env: {} })

  const moves = [
    { name: 'a file put there', isFolder: false, side: 'there', move: put },
    { name: 'a folder put there', isFolder: true, side: 'there', move: put },
    { name: 'a file got from there', isFolder: false, side: 'here', move: get },
    { name: 'a folder got from there', isFolder: true, side: 'here', move: get },
  ] as const

  it.each(moves)('leaves $name whole or as it was, wherever it is cut', async ({ isFolder, side, move }) => {
    const at = folders()
    const [from, to] = side === 'there' ? [at.here, at.there] : [at.there, at.here]
    const old = content(to, 'target', isFolder)
    const fresh = content(from, 'source', isFolder)
    const trial = async (cut?: TcpCut): Promise<'kept' | 'taken' | 'not connected'> => {
      rmSync(join(to, 'target'), { recursive: true })
      reset(to, old)
      if (cut) proxy.cutNext(cut)
      const connection = await connect().catch(() => undefined)
      if (connection === undefined) return 'not connected'
      const error = await moved(
        connection,
        (place) => move(place, 'source', 'target', isFolder ? { replace: true } : {}),
        at,
      )
      await expect.poll(() => leftIn(to), { timeout: 20_000 }).toEqual([])
      const is = seen(join(to, 'target'))
      const state = is === seenOf(old) ? 'kept' : is === seenOf(fresh) ? 'taken' : 'broken'
      const expected = error === undefined ? ['taken'] : error.startsWith('Nobody knows') ? ['kept', 'taken'] : ['kept']
      expect({ cut, error, isRight: expected.includes(state) }).toMatchObject({ isRight: true })
      return state as 'kept' | 'taken'
    }
    expect(await trial()).toBe('taken')
    const whole = proxy.last()
    const ends = new Set<string>()
    const [main, back] = side === 'there' ? (['sent', 'received'] as const) : (['received', 'sent'] as const)
    for (let place = 0; place < places[transport]; place++) {
      const part = place / (places[transport] - 1)
      ends.add(await trial({ direction: main, bytes: Math.round(login + (whole[main] - login - 30) * part) }))
    }
    for (const before of [30, 120, 250]) ends.add(await trial({ direction: back, bytes: whole[back] - before }))
    expect([...ends]).toContain('kept')
  })

  it('that the host kills in the middle says that nothing was changed', async () => {
    const at = folders()
    writeFileSync(join(at.there, 'file'), 'old')
    const connection = await connect()
    async function* source() {
      yield Buffer.alloc(1_000_000)
      sshd.killSessions()
      yield* Array.from({ length: 100 }, () => Buffer.alloc(1_000_000))
    }
    const error = await moved(connection, (place) => put(place, source(), 'file'), at)
    expect(error).toMatch(
      /^Cannot put a stream to "file" on "web1", because the connection was lost on the way: .+\. Nothing was changed\.$/,
    )
    await expect.poll(() => leftIn(at.there), { timeout: 20_000 }).toEqual([])
    expect(readFileSync(join(at.there, 'file'), 'utf8')).toBe('old')
  })

  /** What a person is told of it when it fails. */
  async function moved(
    connection: Connection,
    move: (place: TransferPlace) => Promise<unknown>,
    at: { readonly here: string; readonly there: string },
  ): Promise<string | undefined> {
    try {
      await move(placeOn(connection, at))
      return undefined
    } catch (error) {
      if (!isTasksError(error)) throw error
      return error.message
    } finally {
      await connection.close()
    }
  }
})

type Content = Readonly<Record<string, Uint8Array>>

/** A file of random bytes, or a folder of some. */
function content(folder: string, name: string, isFolder: boolean): Content {
  const names = isFolder ? ['a', 'b', 'c', 'd'].map((file) => `${name}/${file}${name.length}`) : [name]
  const made = Object.fromEntries(names.map((path) => [path, randomBytes(size / names.length)]))
  reset(folder, made)
  return made
}

function reset(folder: string, made: Content): void {
  for (const [path, bytes] of Object.entries(made)) {
    if (path.includes('/')) mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
}

function seen(path: string): string {
  try {
    return readdirSync(path)
      .sort()
      .map((name) => readFileSync(join(path, name), 'latin1'))
      .join('|')
  } catch {
    return readFileSync(path, 'latin1')
  }
}

function seenOf(made: Content): string {
  return Object.keys(made)
    .sort()
    .map((path) => Buffer.from(made[path] ?? '').toString('latin1'))
    .join('|')
}
