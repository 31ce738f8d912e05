import { expect, it } from 'vitest'
import type { Host } from '../../src/core/app.ts'
import { SharedConnections } from '../../src/run/shared-connections.ts'
import { connectLocal } from '../../src/transport/local.ts'

const options = { ask: {}, signal: new AbortController().signal, underway: () => undefined }
const web1: Host = { name: 'web1', address: 'here' }
const web2: Host = { name: 'web2', address: 'there' }

it('connects to each host once, stays open until all is done, and then tells what crossed', async () => {
  const asked: string[] = []
  const shared = new SharedConnections(async ({ name }) => {
    asked.push(name)
    return connectLocal({})
  })
  for (const host of [web1, web2, web1]) {
    const connection = await shared.connect(host, options)
    const channel = await connection.open('true')
    expect(await channel.ended).toMatchObject({ kind: 'exited', code: 0 })
    await connection.close()
  }
  expect(asked).toEqual(['web1', 'web2'])
  expect(await shared.close()).toMatchObject({ channels: 3 })
  expect(await shared.close()).toMatchObject({ channels: 0 })
})

it('tries again to reach a host that could not be reached', async () => {
  let tries = 0
  const shared = new SharedConnections(async () => {
    if (tries++ === 0) throw new Error('gone')
    return connectLocal({})
  })
  await expect(shared.connect(web1, options)).rejects.toThrow('gone')
  await expect(shared.connect(web1, options)).resolves.toBeDefined()
  await shared.close()
})

it('asks for a password once, and again after a wrong one', async () => {
  let asked = 0
  const { sudoPassword } = new SharedConnections(async () => connectLocal({})).asking({
    sudoPassword: async () => `answer ${++asked}`,
  })
  const answers: unknown[] = []
  for (const isRetry of [false, false, true, false])
    answers.push(await sudoPassword?.({ host: 'web1', user: 'elspeth', isRetry }))
  expect(answers).toEqual(['answer 1', 'answer 1', 'answer 2', 'answer 2'])
})
