import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { userInfo } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Finding } from '../../src/core/finding.ts'
import { keyFolder, type Sshd, sshdProgram, startSshd } from '../transport/sshd.ts'
import { projectOf, tasks } from './command-line.ts'

describe('tasks doctor, of a project', () => {
  it('says what is there, and exits with 0 where nothing is wrong', async () => {
    const cwd = projectOf({
      'tasks.config.json': JSON.stringify({ stages: { staging: { dotenv: '.env.staging' } } }),
      '.env.staging': '',
      'tasks/greet.mjs': `import { defineTask } from 'tasks-ssh'
export const greet = defineTask({ name: 'greet', summary: 'Greet', steps: () => [] })
`,
    })
    chmodSync(path.join(cwd, '.env.staging'), 0o600)
    const { exitCode, stdout, stderr } = await tasks(['doctor'], { cwd })
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^this machine\n {2}✔ tasks +\d+\.\d+\.\d+\n {2}✔ Node +\d+\.\d+/)
    expect(stdout).toContain(`
project
  ✔ config             tasks.config.json: 0 hosts, 0 sites
  ✔ dotenv of staging  .env.staging
  ✔ own tasks          greet

Nothing is wrong: `)
  })

  it.each([
    [
      'a config that cannot be read',
      { 'tasks.config.json': '{ "hots": {} }' },
      { title: 'config', detail: 'tasks.config.json: hots: unknown key.', hint: 'did you mean "hosts"?' },
    ],
    [
      'a task that cannot be loaded',
      { 'tasks.config.json': '{}', 'tasks/greet.mjs': 'throw new Error("no greeting today")' },
      { title: 'own tasks', detail: 'Cannot read "tasks/greet.mjs", because it throws: no greeting today.' },
    ],
    [
      'a dotenv file that is not there',
      { 'tasks.config.json': '{ "stages": { "live": { "dotenv": ".env" } } }' },
      { title: 'dotenv of live', detail: 'there is no file .env', hint: 'make the file, or take the key away' },
    ],
  ])('exits with 1 for %s', async (_, files, finding) => {
    const { exitCode, found } = await diagnosed(projectOf(files))
    expect(exitCode).toBe(1)
    expect(found.filter(({ status }) => status === 'bad')).toEqual([{ about: 'project', status: 'bad', ...finding }])
  })

  it('warns of a dotenv file that others may read, and of a missing config; neither fails', async () => {
    const cwd = projectOf({ 'tasks.config.json': '{ "stages": { "live": { "dotenv": ".env" } } }', '.env': '' })
    chmodSync(path.join(cwd, '.env'), 0o644)
    const open = await diagnosed(cwd)
    const none = await diagnosed(projectOf({}))
    expect([open.exitCode, none.exitCode]).toEqual([0, 0])
    expect(open.found).toContainEqual({
      about: 'project',
      title: 'dotenv of live',
      status: 'warn',
      detail: 'others on this machine may read .env',
      hint: 'run: chmod 600 .env',
    })
    expect(none.found).toContainEqual({
      about: 'project',
      title: 'config',
      status: 'warn',
      detail: 'there is none, here or above',
      hint: 'run: tasks init',
    })
  })

  it.each([
    [
      ['--host', 'wbe1'],
      /^Cannot find host "wbe1", because neither tasks.config.json nor .*\nhint: did you mean "web1"\?\n$/,
    ],
    [
      ['--site', 'nowhere.example'],
      /^Cannot find site "nowhere.example", because tasks.config.json has no such site.\n/,
    ],
    [['--timeout', '0'], /^Cannot use --timeout, because it must be a whole number from 1 to 3600.\n$/],
  ])('refuses %j', async (words, message) => {
    const cwd = projectOf({ 'tasks.config.json': '{ "hosts": { "web1": {} } }' })
    expect(await tasks(['doctor', ...words], { cwd })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringMatching(message),
    })
  })
})

describe.runIf(sshdProgram)('tasks doctor, of hosts that are broken each in its own way', () => {
  const keys = keyFolder()
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd(keys)
    writeFileSync(keys.path('right_hosts'), sshd.knownLine)
    writeFileSync(keys.path('other_hosts'), sshd.knownLine.replace(/ssh-ed25519 .*/, otherKey()))
  })
  afterAll(async () => {
    await sshd.close()
    keys.remove()
  })
  const otherKey = () => readFileSync(keys.path('stranger.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  const here = () => ({
    address: '127.0.0.1',
    port: sshd.port,
    user: userInfo().username,
    identityFile: keys.path('ed25519'),
    knownHostsFile: keys.path('right_hosts'),
  })

  it('gives each its own line, and the one that is well all of its own', async () => {
    const silent = await silentPort()
    const nowhere = { ...here(), port: 1 }
    const hosts = {
      well: here(),
      refusing: nowhere,
      silent: { ...here(), port: silent },
      stranger: { ...here(), identityFile: keys.path('stranger') },
      nobody: { ...here(), user: 'nobody-here' },
      changed: { ...here(), knownHostsFile: keys.path('other_hosts') },
      unknown: { ...here(), knownHostsFile: keys.path('no_hosts') },
      keyless: { ...here(), identityFile: '/nonexistent/key' },
    }
    const cwd = projectOf({ 'tasks.config.json': JSON.stringify({ hosts }) })
    const { exitCode, found } = await diagnosed(cwd, '--timeout', '5')
    expect(exitCode).toBe(1)
    const of = (host: string) => found.filter(({ about }) => about === host)
    const wrong = Object.keys(hosts).filter((host) => host !== 'well')
    const lines = wrong.map((host) => [
      host,
      of(host).map(({ title, status, detail }) => `${title} ${status}: ${detail}`),
    ])
    const { port } = sshd
    expect(Object.fromEntries(lines)).toEqual({
      refusing: ['login bad: Cannot reach "127.0.0.1:1": nothing listens on that port.'],
      silent: [`login bad: Cannot reach "127.0.0.1:${silent}": it did not speak SSH within 5 seconds.`],
      stranger: [
        expect.stringMatching(/^login bad: Cannot log in to "127.0.0.1" as \S+: the server took none of the keys/),
      ],
      nobody: [
        expect.stringMatching(
          /^login bad: Cannot log in to "127.0.0.1" as nobody-here: the server took none of the keys/,
        ),
      ],
      changed: [`login bad: Cannot reach "127.0.0.1:${port}": its host key changed since last time.`],
      unknown: [
        expect.stringMatching(
          /^login bad: Cannot trust "127.0.0.1:\d+": its host key SHA256:\S+ \(ssh-ed25519\) is not in known_hosts.$/,
        ),
      ],
      keyless: ['login bad: Cannot log in to "127.0.0.1" with the key /nonexistent/key: there is no such file.'],
    })
    expect(of('well').map(({ title }) => title)).toEqual(
      expect.arrayContaining(['login', 'sudo', 'system', 'systemd', 'disk', 'memory', 'clock']),
    )
    expect(of('well')).toContainEqual({ about: 'well', title: 'clock', status: 'ok', detail: 'right' })
  })

  it('asks all of a host in one session', async () => {
    const before = sshd.connections()
    const sessions = () => sshd.log().match(/Starting session/g)?.length ?? 0
    const had = sessions()
    const cwd = projectOf({ 'tasks.config.json': JSON.stringify({ hosts: { well: here() } }) })
    await diagnosed(cwd)
    expect([sshd.connections() - before, sessions() - had]).toEqual([1, 1])
  })

  it('tells of a login that runs nothing', async () => {
    const deaf = await startSshd({ ...keys, config: ['ForceCommand exit 7'] })
    onTestFinished(() => deaf.close())
    writeFileSync(keys.path('deaf_hosts'), deaf.knownLine)
    const hosts = { deaf: { ...here(), port: deaf.port, knownHostsFile: keys.path('deaf_hosts') } }
    const { found } = await diagnosed(projectOf({ 'tasks.config.json': JSON.stringify({ hosts }) }))
    expect(found).toContainEqual({
      about: 'deaf',
      title: 'answer',
      status: 'bad',
      detail: `Cannot run anything on "deaf", because the login shell of ${userInfo().username} ended with exit code 7.`,
      hint: `try: ssh ${userInfo().username}@deaf true`,
    })
  })

  it('does not wait for a host that lets us in and then says nothing', async () => {
    const hung = await startSshd({ ...keys, config: ['ForceCommand sleep 600'] })
    onTestFinished(() => hung.close())
    writeFileSync(keys.path('hung_hosts'), hung.knownLine)
    const hosts = { hung: { ...here(), port: hung.port, knownHostsFile: keys.path('hung_hosts') } }
    const { found } = await diagnosed(projectOf({ 'tasks.config.json': JSON.stringify({ hosts }) }), '--timeout', '2')
    expect(found.at(-1)?.detail).toBe('Cannot tell how "hung" is, because it did not answer within 4 seconds.')
  })
})

/** A port that takes connections and says nothing. */
async function silentPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

async function diagnosed(cwd: string, ...words: readonly string[]) {
  mkdirSync(path.join(cwd, '.ssh'), { recursive: true })
  const { exitCode, stdout } = await tasks(['doctor', '--json', ...words], { cwd })
  const found = stdout
    .trimEnd()
    .split('\n')
    .map((line): Finding => JSON.parse(line))
  return { exitCode, found }
}
