import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SandboxHost, sandboxNetwork, upperEntries } from '../../src/sandbox/index.ts'
import { run } from '../../src/sandbox/shell.ts'
import { type Finished, program, projectOf, tasks } from '../cli/command-line.ts'
import { kinds, makeKind } from '../kinds/index.ts'
import { onHosts, ssh, withHost } from './host.ts'

onHosts('tasks, where a host cannot be had', () => {
  let host: SandboxHost
  let folder: string
  beforeAll(async () => {
    host = await withHost({ debian: 12, sudo: 'password' })
    folder = mkdtempSync(join(tmpdir(), 'tasks-bad-input-'))
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'other_key')])
    const { stdout } = await run(['cut', '-d', ' ', '-f', '1,2', join(folder, 'other_key.pub')])
    writeFileSync(join(folder, 'changed_hosts'), `${host.address} ${stdout}`)
    writeFileSync(join(folder, 'tasks.config.json'), JSON.stringify({ hosts: hostsOf(host, folder) }))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const provision = (name: string) => tasks(['provision', '--host', name, '--plain'], { cwd: folder })

  it('says that nothing listens on the port', async () => {
    expect(await provision('deaf')).toEqual({
      exitCode: 4,
      stdout: expect.stringMatching(/^Failed \(/),
      stderr: `deaf  connecting to ${host.address}\n\n✖ Cannot reach "${host.address}:2": nothing listens on that port.\n  deaf\n  → check the port, and that an SSH server runs there\n`,
    })
  })

  it('says which keys the server did not take', async () => {
    const { exitCode, stderr } = await provision('stranger')
    expect([exitCode, stderr]).toEqual([
      4,
      `stranger  connecting to ${host.address}\n\n✖ Cannot log in to "${host.address}" as elspeth: the server took none of the keys (${folder}/other_key).\n  stranger\n  → copy one there: ssh-copy-id -o UserKnownHostsFile=${host.knownHostsFile} elspeth@${host.address}\n`,
    ])
  })

  it('refuses a host key that changed, whoever might say yes to it', async () => {
    const { exitCode, stderr } = await provision('changed')
    expect(exitCode).toBe(4)
    expect(stderr).toMatch(
      /\n✖ Cannot reach "[\d.]+:22": its host key changed since last time\.\n {2}changed\n {2}→ it is now SHA256:\S+ \(ssh-ed25519\), and another in \S+\/changed_hosts:1; compare it with your provider's console, then run: ssh-keygen -R [\d.]+ -f \S+\/changed_hosts\n$/,
    )
  })

  it('refuses a host key that nobody is there to accept, and says how to', async () => {
    const { exitCode, stderr } = await tasks(['provision', '--host', `root@${host.address}`, '--plain'], {
      cwd: projectOf({}),
    })
    expect(exitCode).toBe(4)
    expect(stderr).toMatch(
      /\n✖ Cannot trust "[\d.]+:22": its host key SHA256:\S+ \(ssh-ed25519\) is not in known_hosts\.\n {2}[\d.]+\n {2}→ compare it with your provider's console, then accept it once with: ssh root@[\d.]+ true\n$/,
    )
  })

  it('says that sudo wants a password where nobody is there to type it', async () => {
    const { exitCode, stderr } = await provision('box')
    expect([exitCode, stderr]).toEqual([
      4,
      `box  connecting to ${host.address}\n\n✖ Cannot become root on "box", because sudo wants the password of elspeth and nobody is there to type it.\n  box\n  | sudo: no password was provided\n  | sudo: a password is required\n  → run it in a terminal, or let that user use sudo without a password\n`,
    ])
  })

  it('asks again for a password that sudo refused, and gives up with sudo', async () => {
    const { exitCode, stdout: screen } = await inTerminal(['provision', '--host', 'box', '--plain'], folder)
    expect(exitCode).toBe(4)
    expect(screen).toContain('sudo password of elspeth on box:')
    expect(screen).toContain('That was not it. sudo password of elspeth on box:')
    expect(screen).toContain('✖ Cannot become root on "box", because sudo refused the password of elspeth.\r\n')
    expect(screen).toContain('→ type the password of that user on that host\r\n')
    expect(screen).not.toContain('wrong')
  })

  it('says that the host did not answer, within the time that ssh is given', async () => {
    await sandboxNetwork(host.name, 'down')
    const { exitCode, stderr } = await provision('box')
    await sandboxNetwork(host.name, 'up')
    expect(exitCode).toBe(4)
    expect(stderr).toMatch(/\n✖ Cannot reach "[\d.]+:22": .*\n {2}box\n {2}→ check the address/)
  })

  it('touches nothing of a system that is neither Debian nor Ubuntu', async () => {
    const release = 'ID=fedora\\nPRETTY_NAME="Fedora Linux 43"\\n'
    await ssh(host, `rm /etc/os-release; printf '${release}' >/etc/os-release`, 'root')
    const before = upperEntries(host.upper, restless)
    const { exitCode, stderr } = await provision('root')
    expect([exitCode, stderr]).toEqual([
      1,
      `root  connecting to ${host.address}\nroot  provision  the host runs Debian or Ubuntu … failed\nroot  provision  12 skipped\n\n✖ Cannot provision "root", because it runs Fedora Linux 43, not Debian or Ubuntu.\n  root › provision › the host runs Debian or Ubuntu\n  | system: Fedora Linux 43\n`,
    ])
    expect(upperEntries(host.upper, restless)).toEqual(before)
  })

  describe('or the project is in no commit', () => {
    const deploy = (cwd: string) => tasks(['deploy', '--site', 'example.com', '--host', host.name, '--plain'], { cwd })

    it('asks for a repository', async () => {
      const cwd = projectOf({ 'manage.py': '' })
      expect(await deploy(cwd)).toMatchObject({
        exitCode: 2,
        stderr: `\n✖ Cannot deploy "${cwd}", because it is in no git repository, and a release is made from a commit.\n  ${host.name}\n  → run: git init && git add -A && git commit -m "First commit"\n`,
      })
    })

    it('asks for a commit', async () => {
      const cwd = projectOf({ 'manage.py': '' })
      await run(['git', 'init', '--quiet', cwd])
      expect(await deploy(cwd)).toMatchObject({
        exitCode: 2,
        stderr: `\n✖ Cannot deploy "HEAD", because the repository has no commit yet.\n  ${host.name}\n  → run: git add -A && git commit -m "First commit"\n`,
      })
    })

    it('names the branch that is not there', async () => {
      const cwd = projectOf({})
      await makeKind(kinds[0] as (typeof kinds)[number], cwd)
      const words = ['deploy', '--site', 'example.com', '--host', host.name, '--ref', 'wibble', '--plain']
      expect(await tasks(words, { cwd })).toMatchObject({
        exitCode: 2,
        stderr: `\n✖ Cannot deploy "wibble", because the repository has no such branch, tag or commit.\n  ${host.name}\n  → run: git branch --all; git tag\n`,
      })
    })
  })
})

describe('tasks, given names that are no names', () => {
  const label = 'a'.repeat(63)
  it.each([
    ['$(id).example.com', 'it contains "$"'],
    ['`id`.example.com', 'it contains "`"'],
    ['example.com; id', 'it contains ";"'],
    ['example.com\nid', 'it contains the character U+000A'],
    ["it's.example.com", 'it contains "\'"'],
    ['../../etc', 'it contains "/"'],
    ['a..b', 'a part of it is empty'],
    ['', 'it is empty'],
    ['-rf.example.com', 'its part "-rf" begins or ends with a hyphen'],
    ['*.example.com', 'it contains "*"'],
    ['203.0.113.10', 'it is an address, and a site is named by its domain'],
    [`${label}a.example.com`, `its part "${label}a" is longer than 63 characters`],
    [`${label}.example.com`, undefined],
    [`${label}.${label}.com`, 'it is 131 characters long, and the path of its unix socket leaves room for 79'],
  ])('refuses the site %j before anything is sent: %s', async (name, because) => {
    const words = ['verify', `--site=${name}`, '--host', 'elspeth@127.0.0.1:1', '--plain']
    const { exitCode, stderr } = await tasks(words, { cwd: projectOf({ 'manage.py': '' }) })
    if (because === undefined) expect([exitCode, stderr]).toEqual([4, expect.stringContaining('Cannot reach')])
    else expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`as a site, because ${because}.\n`)])
  })

  it.each(['$(id)@127.0.0.1:1', '-l@127.0.0.1:1', 'a b@127.0.0.1:1', 'él@127.0.0.1:1', '@127.0.0.1:1'])(
    'refuses the host %j before anything is sent',
    async (name) => {
      const { exitCode, stderr } = await tasks(['provision', `--host=${name}`, '--plain'], { cwd: projectOf({}) })
      expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^Cannot use ".*" as a host, because .*\.\nhint: /)])
    },
  )
})

// What the machine itself writes while anybody looks on, and where a run keeps what it is sent.
const restless = [
  /^\/(run|tmp|proc|sys|dev|root|home)(\/|$)/,
  /^\/var\/(log|tmp|cache)(\/|$)/,
  /^\/var\/lib\/(systemd|tasks)(\/|$)/,
  /^\/var\/lib$|^\/(var|etc)?$/,
]

function hostsOf(host: SandboxHost, folder: string) {
  const { address, user, identityFile, knownHostsFile } = host
  const box = { address, user, identityFile, knownHostsFile }
  return {
    box,
    root: { ...box, user: 'root' },
    deaf: { ...box, port: 2 },
    stranger: { ...box, identityFile: join(folder, 'other_key') },
    changed: { ...box, knownHostsFile: join(folder, 'changed_hosts') },
  }
}

/** The real program in a terminal, where each question for a password is answered with a wrong one. */
function inTerminal(words: readonly string[], cwd: string): Promise<Pick<Finished, 'exitCode' | 'stdout'>> {
  return new Promise((resolve, reject) => {
    const command = [process.execPath, program, ...words].map((word) => `'${word}'`).join(' ')
    const env = { ...process.env, TASKS_DEV: '1', NO_COLOR: '1', TERM: 'xterm', HOME: cwd }
    const child = spawn('script', ['-qfec', command, '/dev/null'], { cwd, env })
    const questions = [/sudo password of elspeth on box:/, ...Array(2).fill(/✔[\s\S]*\? That was not it\./)]
    let stdout = ''
    let unread = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      unread += text
      if (questions[0]?.test(unread) !== true) return
      questions.shift()
      unread = ''
      child.stdin.write('wrong\r')
    })
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ exitCode, stdout }))
  })
}
