import { writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ProxyLine, startProxy } from '../../bench/proxy.ts'
import { connectSsh, type SshOptions } from '../../src/transport/ssh.ts'
import { keyFolder, loginTo, type Sshd, sshdProgram, startSshd } from './sshd.ts'

const keys = keyFolder()
let sshd: Sshd
let proxy: ProxyLine

afterAll(() => keys.remove())

describe.skipIf(!sshdProgram)('from a connection to what a command said of what it read, a client waits', () => {
  beforeAll(async () => {
    sshd = await startSshd({ path: keys.path })
  })
  beforeEach(async () => {
    // Slow enough for what is sent at once to arrive at once
    proxy = await startProxy({ host: '127.0.0.1', port: sshd.port, roundTrip: 60 })
    writeFileSync(keys.path('known_hosts'), sshd.knownLine.replace(`:${sshd.port} `, `:${proxy.port} `))
  })
  afterEach(() => proxy.close())
  afterAll(() => sshd.close())

  it.each(['ed25519', 'ecdsa', 'rsa'])(
    'six times, with an %s key: greetings, proposals, key exchange, login, channel, command',
    async (key) => {
      expect(await turns(key)).toBeLessThanOrEqual(6)
    },
  )

  it('once more where a key is secured by a passphrase: nobody is asked for one that would not do', async () => {
    expect(await turns('locked', { prompts: { passphrase: async () => 'open sesame' } })).toBe(7)
  })
})

async function turns(key: string, options: SshOptions = {}): Promise<number> {
  const target = { ...loginTo(sshd, keys.path, key), port: proxy.port, transport: 'ssh2' as const }
  const connection = await connectSsh(target, { env: {}, ...options })
  const channel = await connection.open('cat; exit 3')
  await channel.write('What it reads.')
  channel.end()
  const chunks: Uint8Array[] = []
  for await (const chunk of channel.stdout) chunks.push(chunk)
  expect(Buffer.concat(chunks).toString()).toBe('What it reads.')
  const { turns } = proxy.counts()
  expect(await channel.ended).toEqual({ kind: 'exited', code: 3 })
  await connection.close()
  return turns
}
