import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2, { type Client } from 'ssh2'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { takeShortcuts } from '../../src/transport/shortcuts.ts'
import { connectSsh } from '../../src/transport/ssh.ts'

const folder = mkdtempSync(join(tmpdir(), 'tasks-shortcuts-'))
const path = (name: string) => join(folder, name)

beforeAll(() => {
  for (const name of ['hostkey', 'id']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path(name)])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('ends a command that the host refuses to run, though its input was sent on', async () => {
  const server = new ssh2.Server({ hostKeys: [readFileSync(path('hostkey'))] }, (client) => {
    client.on('error', () => undefined)
    client.on('authentication', (login) => login.accept())
    client.on('session', (accept) => accept().on('exec', (_accept, reject) => reject()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const [type, key] = readFileSync(path('hostkey.pub'), 'utf8').split(' ')
  writeFileSync(path('known_hosts'), `[127.0.0.1]:${port} ${type} ${key}\n`)
  writeFileSync(path('config'), '')
  const files = { identityFile: path('id'), knownHostsFile: path('known_hosts'), configFile: path('config') }
  const connection = await connectSsh({ host: '127.0.0.1', port, user: 'elspeth', ...files }, { env: {} })
  const channel = await connection.open('true')
  await channel.write('What nobody reads.')
  expect(await channel.ended).toEqual({ kind: 'lost', because: 'the host refused to run it' })
  await connection.close()
  server.close()
})

it('leaves a library alone that is not the one it knows', () => {
  const protocol = { service: () => undefined, authPK: undefined }
  const client = { _protocol: protocol }
  takeShortcuts(client as unknown as Client, () => undefined)
  expect(client).toEqual({ _protocol: protocol })
  expect(() => takeShortcuts({} as Client, () => undefined)).not.toThrow()
})
