import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Channel, Connection } from '../../src/core/connection.ts'
import { type SandboxHost, sandboxNetwork } from '../../src/sandbox/index.ts'
import { connectSsh, type SshTarget } from '../../src/transport/ssh.ts'
import { output } from '../transport/output.ts'
import { onHosts, ssh, withHost } from './host.ts'

const folder = mkdtempSync(join(tmpdir(), 'tasks-transport-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function configured(name: string, lines: readonly string[]): string {
  const file = join(folder, name)
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

/** To the host alone: nothing of this machine's own keys and configuration. */
function to(
  { address, user, identityFile, knownHostsFile }: SandboxHost,
  configLines: readonly string[] = [],
): SshTarget {
  return { host: address, user, identityFile, knownHostsFile, configFile: configured(address, configLines) }
}

const connect = (target: SshTarget, options = {}): Promise<Connection> => connectSsh(target, { env: {}, ...options })

async function isUp(channel: Channel): Promise<void> {
  for await (const _ of channel.stdout) break
}

for (const debian of [12, 13] as const) {
  onHosts(`OpenSSH of Debian ${debian}`, () => {
    let host: SandboxHost
    beforeAll(async () => {
      host = await withHost({ debian })
    })

    it('takes our login as its user and as root', async () => {
      for (const user of [host.user, 'root']) {
        const connection = await connect({ ...to(host), user })
        expect(await output(connection, 'id -un; . /etc/os-release; echo "$VERSION_ID"')).toBe(`${user}\n${debian}\n`)
        await connection.close()
      }
    })

    it('takes a password that a person is asked for', async () => {
      const change = `printf '${host.user}:correct horse' | sudo chpasswd && echo 'PasswordAuthentication yes' | sudo tee /etc/ssh/sshd_config.d/00-password.conf >/dev/null && sudo systemctl restart ssh`
      await ssh(host, change)
      const target = to(host, ['IdentityFile none', 'PubkeyAuthentication no'])
      const { identityFile: _, ...withoutKey } = target
      const asked: string[] = []
      const answers = ['wrong', 'correct horse']
      const password = async (who: string) => {
        asked.push(who)
        return answers.shift() ?? ''
      }
      const connection = await connect(withoutKey, { prompts: { password } })
      expect(await output(connection, 'id -un')).toBe(`${host.user}\n`)
      expect(asked).toEqual([`${host.user}@${host.address}`, `${host.user}@${host.address}`])
      await connection.close()
    })

    it('runs thirty commands at once, though it allows ten sessions', async () => {
      const connection = await connect(to(host))
      const numbers = Array.from({ length: 30 }, (_, index) => String(index))
      const printed = await Promise.all(numbers.map((number) => output(connection, `echo ${number}`)))
      expect(printed.map((text) => text.trim())).toEqual(numbers)
      expect(connection.wire()).toMatchObject({ connections: 1, channels: 30 })
      await connection.close()
    })

    it('lets twenty log in at once, though it turns some of them away at first', async () => {
      await ssh(
        host,
        `echo 'MaxStartups 3:100:3' | sudo tee /etc/ssh/sshd_config.d/01-startups.conf >/dev/null && sudo systemctl restart ssh`,
      )
      const connections = await Promise.all(Array.from({ length: 20 }, () => connect(to(host), { retries: 12 })))
      for (const connection of connections) await connection.close()
    })

    it('is a jump host to itself', async () => {
      const connection = await connect({
        ...to(host, [`Host ${host.address}`, ` IdentityFile ${host.identityFile}`]),
        host: 'inner',
        jump: `${host.user}@${host.address}`,
      }).catch((error: unknown) => error)
      // The name is looked up by the hop, which does not know it
      expect(connection).toMatchObject({
        message: `Cannot reach "inner:22" through "${host.address}": the host before it does not know that name.`,
      })
    })

    it('is lost when its cable is pulled, within the time that the settings give', async () => {
      const connection = await connect(to(host, ['ServerAliveInterval 1', 'ServerAliveCountMax 2']))
      const channel = await connection.open('echo up; cat')
      await isUp(channel)
      await sandboxNetwork(host.name, 'down')
      expect(await channel.ended).toEqual({ kind: 'lost', because: 'nothing came from the host for 2 seconds' })
      await expect(connection.open('true')).rejects.toMatchObject({ code: 'unreachable' })
      await connection.close()
      await expect(connect(to(host), { connectTimeoutSeconds: 2 })).rejects.toMatchObject({ code: 'unreachable' })
      await sandboxNetwork(host.name, 'up')
      const again = await connect(to(host))
      expect(await output(again, 'echo back')).toBe('back\n')
      await again.close()
    })

    it('closes in good time when its cable is out', async () => {
      const connection = await connect(to(host))
      const channel = await connection.open('echo up; cat')
      await isUp(channel)
      await sandboxNetwork(host.name, 'down')
      await connection.close()
      expect(await channel.ended).toEqual({ kind: 'lost', because: 'the connection was closed' })
      await sandboxNetwork(host.name, 'up')
    })
  })
}
