import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Host } from '../../src/core/app.ts'
import type { Ask } from '../../src/core/ask.ts'
import { Line } from '../../src/run/line.ts'
import type { RunRequest } from '../../src/run/request.ts'
import { connectLocal } from '../../src/transport/local.ts'

const web1: Host = { name: 'web1', address: 'here' }
const never = new AbortController().signal

it('logs in while the project is read, and asks a person only once that was found good', async () => {
  const asked: string[] = []
  const ask: Ask = { passphrase: async (file) => `of ${asked[asked.push(file) - 1]}` }
  const given = deferred<string>()
  const connect: RunRequest['connect'] = async (_, { ask: { passphrase, password } }) => {
    expect(password).toBeUndefined()
    given.resolve((await passphrase?.('id_ed25519')) ?? '')
    return connectLocal({})
  }
  const read = deferred<void>()
  const line = new Line({ connect, ask, stop: never, kill: never }, web1)
  let isUnderway = false
  const connecting = line.connect({
    isWanted: read.promise,
    underway: () => {
      isUnderway = true
    },
  })
  await turn()
  expect({ asked, isUnderway }).toEqual({ asked: [], isUnderway: true })
  read.resolve()
  await connecting
  expect(await given.promise).toBe('of id_ed25519')
  await line.close()
})

it('gives up a login that is not wanted any more, and leaves one alone that others may share', async () => {
  const { connect, signals } = connections('open', 'hanging')
  const line = new Line({ connect, ask: {}, stop: never, kill: never }, web1)
  await line.connect()
  const late = line.connect()
  await Promise.all([expect(late).rejects.toThrow('given up'), line.close()])
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
})

it('stops waiting for its first connection when the person wants to stop, and not for a later one', async () => {
  const { connect, signals } = connections('hanging', 'open', 'hanging')
  const [stop, otherStop, kill] = [new AbortController(), new AbortController(), new AbortController()]
  const line = new Line({ connect, ask: {}, stop: stop.signal, kill: kill.signal }, web1)
  const first = line.connect()
  stop.abort()
  await expect(first).rejects.toThrow('given up')
  const other = new Line({ connect, ask: {}, stop: otherStop.signal, kill: kill.signal }, web1)
  await other.connect()
  const later = other.connect()
  otherStop.abort()
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false, false])
  kill.abort()
  await expect(later).rejects.toThrow('given up')
})

/** One after the other: a host that answers, or one that lets wait until the signal comes. */
function connections(...kinds: readonly ('open' | 'hanging')[]) {
  const signals: AbortSignal[] = []
  const connect: RunRequest['connect'] = async (_, { signal }) => {
    signals.push(signal)
    if (kinds[signals.length - 1] === 'open') return connectLocal({})
    await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))))
    throw new Error('not reached')
  }
  return { connect, signals }
}

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
