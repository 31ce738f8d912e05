import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectOf, tasks } from './command-line.ts'

/** Nothing listens there: whoever connects ends with exit code 4. */
const deploy = ['deploy', '--site', 'example.com', '--host', 'elspeth@127.0.0.1:1', '--plain']
const git = (cwd: string, ...words: readonly string[]) =>
  execFileSync('git', ['-c', 'user.name=Edith', '-c', 'user.email=edith@example.com', ...words], { cwd })

describe('before a host is connected to', () => {
  it.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'nothing private',
      { 'manage.py': '', '.env.example': '' },
      'run: git init && git add -A && git commit -m "First commit"',
    ],
    [
      'secrets and a database',
      { 'manage.py': '', '.env': '', 'db.sqlite3': '', '.env.staging': '', '.gitignore': '# mine\n*.sqlite3\n' },
      'add to .gitignore: .env .env.staging; then run: git init && git add -A && git commit -m "First commit"',
    ],
    [
      'secrets that are ignored',
      { 'manage.py': '', '.env': '', 'venv/x': '', '.gitignore': '/venv/\n.env*\n' },
      'run: git init && git add -A && git commit -m "First commit"',
    ],
  ])('a repository is asked for, and how a first commit is made of a folder with %s', async (_, files, hint) => {
    const cwd = projectOf(files)
    const { exitCode, stderr } = await tasks(deploy, { cwd })
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: `\n✖ Cannot deploy "${cwd}", because it is in no git repository, and a release is made from a commit.\n  127.0.0.1:1\n  → ${hint}\n`,
    })
  })

  it('the project is read though the host says nothing', async () => {
    const said: string[] = []
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', (bytes) => said.push(String(bytes)))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const mute = ['deploy', '--site', 'example.com', '--host', `elspeth@127.0.0.1:${port}`, '--plain']
    const { exitCode, stderr } = await tasks(mute, { cwd: projectOf({ 'manage.py': '' }) })
    server.close()
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no git repository') })
    expect(said.join('')).toMatch(/^SSH-2\.0-/)
  })

  it('ssh is asked twice what it would do, however many hosts there are of which it says the same', async () => {
    const cwd = projectOf({
      ssh: `#!/bin/sh
echo "$*" >>asked
for host; do :; done
echo 'OpenSSH_9.9, of a test' >&2
printf 'host %s\\nhostname %s\\ncanonicalizehostname false\\n' "$host" "$host"
`,
    })
    chmodSync(path.join(cwd, 'ssh'), 0o755)
    const hosts = [1, 2, 3, 4, 5].map((number) => `elspeth@127.0.0.${number}:1`).join()
    const env = { PATH: `${cwd}:${process.env.PATH}` }
    const { exitCode } = await tasks(['exec', '--host', hosts, '--', 'true'], { cwd, env })
    expect(exitCode).toBe(4)
    expect(readFileSync(path.join(cwd, 'asked'), 'utf8')).toBe(
      '-G -p 1 -l elspeth -- 127.0.0.1\n-G -v -p 1 -l elspeth -- 127.0.0.2\n',
    )
  })

  it('a first commit is asked for', async () => {
    const cwd = projectOf({ 'manage.py': '', id_ed25519: '' })
    git(cwd, 'init', '--quiet')
    const { exitCode, stderr } = await tasks(deploy, { cwd })
    expect(exitCode).toBe(2)
    expect(stderr).toContain('→ add to .gitignore: id_ed25519; then run: git add -A && git commit -m "First commit"\n')
  })

  it('it is said that a branch is not there, and that a commit has no application', async () => {
    const cwd = projectOf({ 'manage.py': '', 'README.md': '' })
    git(cwd, 'init', '--quiet')
    git(cwd, 'add', 'README.md')
    git(cwd, 'commit', '--quiet', '--message=First')
    expect(await tasks([...deploy, '--ref', 'wibble'], { cwd })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(
        'Cannot deploy "wibble", because the repository has no such branch, tag or commit.',
      ),
    })
    const { exitCode, stderr } = await tasks(deploy, { cwd })
    expect(exitCode).not.toBe(4)
    expect(stderr).toContain('no manage.py is in the commit')
  })

  it('what a task notes is told, once', async () => {
    const own = `import { defineTask } from 'tasks-ssh'
export const own = defineTask({ name: 'own', summary: 'Note', steps: ({ note }) => { note({ level: 'note', message: 'seen' }); return [] } })`
    const cwd = projectOf({ 'tasks.config.json': '{}', 'tasks/own.ts': own })
    const { exitCode, stderr } = await tasks(['own', '--host', 'elspeth@127.0.0.1:1', '--plain'], { cwd })
    expect(exitCode).toBe(4)
    expect(stderr.split('seen')).toHaveLength(2)
  })
})
