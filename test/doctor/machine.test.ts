import { chmodSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { machineFindings, runHere } from '../../src/doctor/machine.ts'
import { projectOf } from '../cli/command-line.ts'

const tasks = { version: '0.1.0', node: '>=20.19.0' }
const said = {
  git: 'git version 2.39.5\n',
  ssh: 'OpenSSH_9.2p1 Debian-2, OpenSSL 3.0\n',
  'ssh-add': '256 SHA256:a me (ED25519)\n256 SHA256:b me (ED25519)\n',
}
const has = (programs: Readonly<Record<string, string>>) => async (command: string) =>
  Object.hasOwn(programs, command) ? { code: 0, said: programs[command] ?? '' } : undefined

it('tells what this machine has', async () => {
  const home = projectOf({ '.ssh/id_ed25519': '', '.ssh/id_ed25519.pub': '' })
  chmodSync(path.join(home, '.ssh/id_ed25519'), 0o600)
  expect(await machineFindings({ tasks, home, node: '20.20.2', run: has(said) })).toEqual([
    { title: 'tasks', status: 'ok', detail: '0.1.0' },
    { title: 'Node', status: 'ok', detail: '20.20.2' },
    { title: 'git', status: 'ok', detail: '2.39.5' },
    { title: 'OpenSSH', status: 'ok', detail: '9.2p1' },
    { title: 'keys', status: 'ok', detail: '2 in the agent, ~/.ssh/id_ed25519' },
  ])
})

it('tells what it lacks', async () => {
  const found = await machineFindings({ tasks, home: projectOf({}), node: '20.9.0', run: has({}) })
  expect(found.slice(1)).toEqual([
    { title: 'Node', status: 'bad', detail: '20.9.0 is too old', hint: 'install Node 20.19.0 or newer' },
    { title: 'git', status: 'bad', detail: 'it is not installed', hint: 'install git' },
    {
      title: 'OpenSSH',
      status: 'warn',
      detail: 'it is not installed: ~/.ssh/config is not read',
      hint: "install OpenSSH's client",
    },
    {
      title: 'keys',
      status: 'warn',
      detail: 'there is none, in an agent or in ~/.ssh',
      hint: 'run: ssh-keygen -t ed25519',
    },
  ])
})

it('warns of a key that others may read', async () => {
  const home = projectOf({ '.ssh/id_rsa': '' })
  chmodSync(path.join(home, '.ssh/id_rsa'), 0o644)
  const file = path.join(home, '.ssh/id_rsa')
  expect((await machineFindings({ tasks, home, node: '24.0.0', run: has(said) })).at(-1)).toEqual({
    title: 'keys',
    status: 'warn',
    detail: `others may read ${file}, and ssh does not use it so`,
    hint: `run: chmod 600 ${file}`,
  })
})

it('knows a program that is not there from one that fails', async () => {
  expect(await runHere('no-such-program-anywhere')).toBeUndefined()
  expect(await runHere('sh', '-c', 'echo so; exit 3')).toEqual({ code: 3, said: 'so\n' })
})
