import { execFileSync } from 'node:child_process'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { program, projectOf, tasks } from './command-line.ts'
import { inTerminal, type Turn } from './terminal.ts'

const enter = '\r'

const greet = `
import { defineTask, sh, step } from 'tasks-ssh'
export const look = defineTask({
  name: 'look', summary: 'Look', steps: () => [step({ name: 'look', title: 'looked', check: sh\`true\` })],
})
export const greet = defineTask({
  name: 'greet', summary: 'Greet', lock: 'host', steps: () => [step({ name: 'greet', title: 'greeted', apply: sh\`true\` })],
})
`

/** What a deploy finds no fault with before it connects. */
const django = {
  'manage.py': "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'mysite.settings')\n",
  'requirements.txt': 'django\ngunicorn\n',
  'mysite/__init__.py': '',
  'mysite/settings.py': "ROOT_URLCONF = 'mysite.urls'\nWSGI_APPLICATION = 'mysite.wsgi.application'\n",
  'mysite/urls.py': 'urlpatterns = []\n',
  'mysite/wsgi.py': 'from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n',
}

/** A project with a protected and an open site, on a host that counts who comes. */
async function project() {
  let visits = 0
  const server = createServer((socket) => {
    visits++
    // Closed without a word, it would be tried again.
    socket.end('I am no SSH server\r\n'.repeat(2000))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const config = {
    hosts: { web1: { address: '127.0.0.1', port, user: 'elspeth' } },
    stages: { production: { protected: true }, staging: {} },
    sites: {
      'example.com': { host: 'web1', stage: 'production' },
      'staging.example.com': { host: 'web1', stage: 'staging' },
    },
  }
  const folder = projectOf({ ...django, 'tasks.config.json': JSON.stringify(config), 'tasks/greet.ts': greet })
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=Edith', '-c', 'user.email=edith@example.com', ...words], { cwd: folder })
  git('init', '--quiet', '--initial-branch=main')
  git('add', ...Object.keys(django))
  git('commit', '--quiet', '--message=To-do lists')
  return { folder, visits: () => visits }
}

const unasked = (task: string, subject: string, of = '') =>
  `Cannot ${task}, because stage "production"${of} is protected, and standard input is not a terminal to confirm it on.\nhint: add --confirm ${subject}\n`

describe('a change of a protected site', () => {
  it.each<[readonly string[], string]>([
    [['deploy', '--site', 'example.com'], unasked('deploy', 'example.com', ' of "example.com"')],
    [['rollback', '--site', 'example.com'], unasked('rollback', 'example.com', ' of "example.com"')],
    [['provision', '--site', 'example.com'], unasked('provision', 'example.com', ' of "example.com"')],
    [['greet', '--site', 'example.com'], unasked('greet', 'example.com', ' of "example.com"')],
    [['deploy', '--only', 'provision', '--site', 'example.com'], unasked('deploy', 'example.com', ' of "example.com"')],
    [['deploy', '--site', 'example.com', '--stage', 'staging'], unasked('deploy', 'example.com', ' of "example.com"')],
    [
      ['deploy', '--site', 'staging.example.com', '--stage', 'production'],
      unasked('deploy', 'staging.example.com', ' of "staging.example.com"'),
    ],
    [['provision', '--stage', 'production'], unasked('provision', 'production')],
    [
      ['deploy', '--site', 'example.com', '--confirm', 'exmple.com', '--yes'],
      'Cannot deploy, because --confirm says "exmple.com", and it is for "example.com".\nhint: look again; then write: --confirm example.com\n',
    ],
    [
      ['deploy', '--site', 'example.com', '--confirm', ''],
      'Cannot deploy, because --confirm says "", and it is for "example.com".\nhint: look again; then write: --confirm example.com\n',
    ],
  ])('is refused before anything is connected to: `tasks %j`', async (words, stderr) => {
    const { folder, visits } = await project()
    expect(await tasks(words, { cwd: folder })).toEqual({ exitCode: 2, stdout: '', stderr })
    expect(visits()).toBe(0)
  })

  it.each([
    [['deploy', '--site', 'example.com', '--yes']],
    [['greet', '--site', 'example.com', '--confirm', 'Example.COM']],
    [['provision', '--stage', 'production', '--confirm', 'production']],
    [['greet', '--host', 'web1', '--confirm', 'web1']],
  ])('goes on where somebody agreed beforehand: `tasks %j`', async (words) => {
    const { folder, visits } = await project()
    expect(await tasks(words, { cwd: folder })).toMatchObject({ exitCode: 4 })
    expect(visits()).toBeGreaterThan(0)
  })

  it.each([
    [['greet', '--site', 'staging.example.com']],
    [['greet', '--host', 'web1']],
    [['greet', '--site', 'example.com', '--dry-run']],
    [['look', '--site', 'example.com']],
    [['deploy', '--only', 'verify', '--site', 'example.com']],
  ])('is not what this is, so nobody is asked: `tasks %j`', async (words) => {
    const { folder, visits } = await project()
    expect(await tasks(words, { cwd: folder })).toMatchObject({ exitCode: 4 })
    expect(visits()).toBeGreaterThan(0)
  })

  it('is not what a printed script is', async () => {
    const { folder, visits } = await project()
    expect(await tasks(['greet', '--site', 'example.com', '--print-script'], { cwd: folder })).toMatchObject({
      exitCode: 0,
    })
    expect(visits()).toBe(0)
  })
})

describe('on a terminal, a change of a protected site', () => {
  const question = /Type example\.com to go on:/

  async function asked(words: readonly string[], ...turns: readonly Turn[]) {
    const { folder, visits } = await project()
    const command = [process.execPath, program, ...words]
    const { screen, exitCode } = await inTerminal(command, turns, {
      cwd: folder,
      env: { TASKS_DEV: '1', HOME: folder },
    })
    return { screen: screen.replaceAll('\r\n', '\n'), exitCode, visits: visits() }
  }

  it('says what will be done, and begins when the name is typed', async () => {
    const { screen, visits } = await asked(['deploy', '--site', 'example.com'], [question, `example.com${enter}`])
    expect(screen).toMatch(
      /^This changes example\.com: its stage "production" is protected\.\n {2}task {2}deploy \(provision, deploy, verify\)\n {2}host {2}web1 \(127\.0\.0\.1\)\n {2}ref {3}HEAD, [0-9a-f]{12} To-do lists\n/,
    )
    expect(visits).toBeGreaterThan(0)
  })

  it('is asked about in step mode, too', async () => {
    const { screen, visits } = await asked(
      ['rollback', '--to', '3', '--site', 'example.com', '--step'],
      [question, `example.com${enter}`],
    )
    expect(screen).toContain('rollback (rollback, verify), step by step\n  host  web1 (127.0.0.1)\n  to    3\n')
    expect(visits).toBeGreaterThan(0)
  })

  it('ends before it began where another name is typed', async () => {
    const { screen, exitCode, visits } = await asked(
      ['deploy', '--site', 'example.com'],
      [question, `exmple.com${enter}`],
    )
    expect({ exitCode, visits }).toEqual({ exitCode: 2, visits: 0 })
    expect(screen).toContain('Stopped before anything was done, because that is not "example.com".\n')
  })

  it('ends before it began on Ctrl-C', async () => {
    const { screen, exitCode, visits } = await asked(['deploy', '--site', 'example.com'], [question, '\u0003'])
    expect({ exitCode, visits }).toEqual({ exitCode: 130, visits: 0 })
    expect(screen).toContain('Stopped, because Ctrl-C was pressed at a question.\n')
  })

  it('is not asked about where there is no such commit', async () => {
    const { screen, exitCode } = await asked(['deploy', '--site', 'example.com', '--ref', 'nope'])
    expect(exitCode).toBe(2)
    expect(screen).toContain('Cannot deploy "nope", because the repository has no such branch, tag or commit.')
    expect(screen).not.toMatch(question)
  })
})
