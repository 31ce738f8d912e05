import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { describe, expect, it } from 'vitest'
import { init } from '../../src/cli/init-action.ts'
import { withInitFlags } from '../../src/cli/init-flags.ts'
import { program, projectOf, tasks } from './command-line.ts'
import { inTerminal, type Turn } from './terminal.ts'

const django = {
  'src/manage.py': "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
  'src/shop/settings.py': "WSGI_APPLICATION = 'shop.wsgi.application'\n",
  'src/shop/wsgi.py': "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
  'src/requirements.txt': 'django==5.2\ngunicorn\n',
}
const flask = { 'app.py': 'from flask import Flask\napp = Flask(__name__)\n', 'requirements.txt': 'flask\n' }
const rails = { Gemfile: "source 'https://gems.example'\ngem 'rails', '~> 8.0'\n" }
const procfile = { Procfile: 'web: node server.js\n' }
const where = ['--host', 'elspeth@203.0.113.10:2222', '--site', 'staging.example.com']

describe('tasks init, where nobody can be asked', () => {
  it('writes a config, a task and a dotenv file for a Django project below the folder, and says what comes next', async () => {
    const cwd = projectOf(django)
    const { exitCode, stdout, stderr } = await tasks(['init', ...where, '--alias', 'www.example.com'], { cwd })
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toBe(`Found a Django project in src/.

Taken: stage staging (--stage says otherwise).
Taken: dotenv .env.staging (--dotenv or --no-dotenv says otherwise).

wrote    tasks.config.ts
wrote    tasks/hello.ts
wrote    .env.staging
wrote    .gitignore

Before the first deploy:
  Cannot deploy "${cwd}", because it is in no git repository, and a release is made from a commit.
  → run: git init && git add -A && git commit -m "First commit"

Next:
  tasks doctor            whether this machine and the host are ready
  tasks deploy --dry-run  what a first deploy would do; nothing is touched
  tasks deploy            do it
  tasks hello --dry-run   the example task; tasks/hello.ts is yours to change
  tasks docs              what else the config may say
`)
    expect(read(cwd, 'tasks.config.ts')).toBe(`import { defineConfig } from 'tasks-ssh'

// What else may stand here: tasks docs
export default defineConfig({
  app: { framework: 'django', directory: 'src' },
  hosts: { web1: { address: '203.0.113.10', port: 2222, user: 'elspeth' } },
  // The environment of its sites: a file that stays on your machine, out of git.
  stages: { staging: { dotenv: '.env.staging' } },
  sites: {
    'staging.example.com': { host: 'web1', stage: 'staging', aliases: ['www.example.com'] },
  },
})
`)
    expect(lstatSync(path.join(cwd, '.env.staging')).mode & 0o777).toBe(0o600)
    expect(read(cwd, '.gitignore')).toBe('.env.staging\n')
    expect(readdirSync(cwd).filter((name) => name.startsWith('.tasks-init'))).toEqual([])
  })

  it('writes a task that runs as it stands', async () => {
    const cwd = projectOf({})
    expect((await written(['--host', 'web@203.0.113.10'], cwd)).exitCode).toBe(0)
    const { exitCode, stdout } = await tasks(['hello', '--whom', 'Ada', '--print-script'], { cwd })
    expect(exitCode).toBe(0)
    expect(stdout).toContain('/var/tmp/hello.txt')
  })

  it('writes a config for own tasks in an empty folder', async () => {
    const cwd = projectOf({})
    const { exitCode, stdout } = await written([], cwd)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^Found no application\.\n\nTaken: no host \(--host names one\)\.\n/)
    expect(stdout).toContain('  tasks hello --host user@address --dry-run  ')
    expect(read(cwd, 'tasks.config.ts')).toContain(
      "  // hosts: { web1: { address: '203.0.113.10', user: 'elspeth' } },\n",
    )
  })

  it.each([
    ['a Flask application', flask],
    ['a Rails application', rails],
    ['an application with a Procfile', procfile],
  ])('says what can be done with %s, and what not yet', async (what, files) => {
    const cwd = projectOf(files)
    const { exitCode, stdout } = await written([...where, '--no-dotenv'], cwd)
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`Found ${what}.\n`)
    expect(stdout).toContain(`"tasks deploy" serves Django alone so far, and cannot deploy ${what}.\n`)
    expect(stdout).not.toContain('tasks deploy --dry-run')
    expect(read(cwd, 'tasks.config.ts')).toContain(
      "  stages: { staging: {} },\n  sites: { 'staging.example.com': { host: 'web1', stage: 'staging' } },\n",
    )
    expect(existsSync(path.join(cwd, '.gitignore'))).toBe(false)
  })

  it.each([
    [
      [],
      'Cannot write a config, because no server is named, and standard input is not a terminal to ask on.\nhint: add --host user@address\n',
    ],
    [
      ['--yes', '--host', 'web'],
      'Cannot write a config, because no site is named, and --yes asks nothing.\nhint: add --site example.com\n',
    ],
    [
      ['--host', 'a b@c'],
      'Cannot use "a b@c" as a host, because a user name is up to 32 lower-case letters, digits, hyphens and underscores, and begins with a letter or underscore.\n',
    ],
    [['--host', 'web', '--site', '$(x).example'], 'Cannot use "$(x).example" as a site, because it contains "$".\n'],
    [[...where, '--alias', 'a_b.example'], 'Cannot use "a_b.example" as an alias, because it contains "_".\n'],
    [[...where, '--stage', '-x'], 'Cannot use "-x" as a stage, because it does not begin with a letter or digit.\n'],
    [
      [...where, '--dotenv', '../.env'],
      'Cannot use "../.env" as a dotenv file, because it leads out of the folder of the project.\n',
    ],
    [
      [...where, '--directory', 'web'],
      'Cannot use "web" as the application\'s folder, because no application was found there.\nhint: use one of: src\n',
    ],
  ])('refuses `tasks init %j`, and writes nothing', async (words, message) => {
    const cwd = projectOf(django)
    expect(await written([...words], cwd)).toEqual({ exitCode: 2, stdout: '', stderr: message })
    expect(readdirSync(cwd)).toEqual(['src'])
  })

  it('asks which of two Django projects is meant', async () => {
    const cwd = projectOf({ ...django, 'old/manage.py': django['src/manage.py'] })
    expect((await written([...where], cwd)).stderr).toBe(
      'Cannot tell which Django project is meant, because there is a manage.py in "old" and "src".\nhint: add --directory with one of: old, src\n',
    )
    expect((await written([...where, '--directory', './src/'], cwd)).exitCode).toBe(0)
    expect(read(cwd, 'tasks.config.ts')).toContain("directory: 'src'")
  })
})

describe('tasks init, where there is something already', () => {
  it.each(['tasks.config.ts', 'tasks.config.yaml', '.tasksrc', 'package.json'])(
    'tells of %s, and leaves it alone',
    async (name) => {
      const text =
        name === 'package.json' ? '{ "tasks": {} }' : name === 'tasks.config.ts' ? 'export default {}\n' : '{}\n'
      const cwd = projectOf({ [name]: text })
      const { exitCode, stderr } = await written(['--yes'], cwd)
      const hint = name === 'tasks.config.ts' ? 'replace it' : 'make another one here'
      expect([exitCode, stderr]).toEqual([
        2,
        `Cannot write a config, because there is one already: "${name}".\nhint: change that one, or add --force to ${hint}\n`,
      ])
      expect([readdirSync(cwd), read(cwd, name)]).toEqual([[name], text])
    },
  )

  it('tells of a config above, and makes another one where that is wanted', async () => {
    const above = projectOf({ 'tasks.config.json': '{}', 'below/README': '' })
    const cwd = path.join(above, 'below')
    expect((await written([], cwd)).stderr).toContain('there is one already: "../tasks.config.json".')
    const { exitCode, stdout } = await written(['--force'], cwd)
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringContaining('../tasks.config.json no longer holds for this folder.\n'),
    ])
  })

  it('replaces a config and an example with --force, and no dotenv file', async () => {
    const cwd = projectOf({
      ...django,
      'tasks.config.ts': 'old',
      'tasks/hello.ts': 'old',
      '.env.staging': 'KEY=1\n',
      '.gitignore': '.env*',
    })
    const { exitCode, stdout } = await written(['--force', ...where], cwd)
    expect(exitCode).toBe(0)
    expect(stdout).toContain(
      '\nchanged  tasks.config.ts\nchanged  tasks/hello.ts\n.env.staging is there already: it is left as it is.\nOthers may read .env.staging; run: chmod 600 .env.staging\n',
    )
    expect([read(cwd, '.env.staging'), read(cwd, '.gitignore')]).toEqual(['KEY=1\n', '.env*'])
    expect(read(cwd, 'tasks/hello.ts')).toContain('defineTask')
  })

  it('writes no example beside other modules, and none where tasks is a file', async () => {
    const beside = projectOf({ 'tasks/mine.mjs': 'export {}\n' })
    const file = projectOf({ tasks: '' })
    expect((await written([], beside)).stdout).toContain(
      'tasks/ has modules already (mine.mjs): each is a part of "tasks" now, and no example is written.\n',
    )
    expect((await written([], file)).stdout).toContain('tasks is no folder: there is no place for an example task.\n')
    expect(readdirSync(path.join(beside, 'tasks'))).toEqual(['mine.mjs'])
  })

  it('keeps the lines and the mode of a .gitignore, whatever they end with, and asks git first', async () => {
    const cwd = projectOf({ ...django, '.gitignore': '*.pyc\r\n/build' })
    execFileSync('git', ['init', '--quiet'], { cwd })
    await written([...where], cwd)
    expect(read(cwd, '.gitignore')).toBe('*.pyc\r\n/build\r\n.env.staging\r\n')
    const other = projectOf({ ...django, '.gitignore': '.en?.stag*\n' })
    execFileSync('git', ['init', '--quiet'], { cwd: other })
    await written([...where], other)
    expect(read(other, '.gitignore')).toBe('.en?.stag*\n')
  })

  it('leaves a .gitignore alone that is a link, and tells of a dotenv file that git has', async () => {
    const cwd = projectOf({ ...django, elsewhere: 'x\n' })
    symlinkSync('elsewhere', path.join(cwd, '.gitignore'))
    expect((await written([...where], cwd)).stdout).toContain(
      '.gitignore is no text file of this folder: see that .env.staging stays out of git.\n',
    )
    expect(read(cwd, 'elsewhere')).toBe('x\n')
    const tracked = projectOf({ ...django, '.env.staging': 'KEY=1\n' })
    execFileSync('git', ['init', '--quiet'], { cwd: tracked })
    execFileSync('git', ['add', '.env.staging'], { cwd: tracked })
    expect((await written([...where], tracked)).stdout).toContain(
      'git has .env.staging, and with it what is secret there; run: git rm --cached .env.staging\n',
    )
  })

  it('names what a deploy would stop at', async () => {
    const cwd = projectOf({ ...django, 'src/requirements.txt': '' })
    writeFileSync(path.join(cwd, 'src/requirements.txt'), '-r more.txt\n')
    const { stdout } = await written([...where], cwd)
    expect(stdout).toContain(
      `  Cannot install the site's packages, because "src/requirements.txt" includes "src/more.txt", which is not in the commit.\n`,
    )
  })
})

describe('tasks init in a terminal', () => {
  const enter = '\r'
  const down = '\u001b[B'
  const ask = (cwd: string, turns: readonly Turn[], words: readonly string[] = []) =>
    inTerminal([process.execPath, program, 'init', ...words], turns, { cwd, env: { TASKS_DEV: '1' } })
  const afterSite: readonly Turn[] = [
    [/Other domains/, `www.example.com, example.org${enter}`],
    [/Stage, .*\(production\)/, enter],
    [/File for its secrets.*\(\.env\.production\)/s, enter],
  ]

  it('asks for what it cannot find, and says at the question what is wrong with an answer', async () => {
    const cwd = projectOf({ ...django, 'old/manage.py': django['src/manage.py'] })
    const { screen, exitCode } = await ask(cwd, [
      [/Which of these[\s\S]*src/, down + enter],
      [/Server, as user@address:/, `Ada@203.0.113.10${enter}`],
      [/because a user name is/, `\u0015ada@203.0.113.10${enter}`],
      [/Domain of the site:/, `example_com${enter}`],
      [/because it contains "_"/, `\u0015example.com${enter}`],
      ...afterSite,
    ])
    expect([exitCode, screen]).toEqual([0, expect.stringContaining('wrote    tasks.config.ts')])
    expect(read(cwd, 'tasks.config.ts')).toContain(`  app: { framework: 'django', directory: 'src' },
  hosts: { web1: { address: '203.0.113.10', user: 'ada' } },
  // The environment of its sites: a file that stays on your machine, out of git.
  stages: { production: { dotenv: '.env.production' } },
  sites: {
    'example.com': {
      host: 'web1',
      stage: 'production',
      aliases: ['www.example.com', 'example.org'],
    },
  },
`)
  })

  it.each([
    ['a Flask application', flask],
    ['a Rails application', rails],
    ['an application with a Procfile', procfile],
  ])('goes as far as it can with %s', async (what, files) => {
    const cwd = projectOf(files)
    const { screen, exitCode } = await ask(cwd, [
      [/Server, .*Enter for none yet/, `web${enter}`],
      [/Domain of the site: \(Enter for none yet/, `example.com${enter}`],
      ...afterSite,
    ])
    expect([exitCode, screen]).toEqual([0, expect.stringContaining(`cannot deploy ${what}.`)])
    expect(read(cwd, 'tasks.config.ts')).toContain('  hosts: { web: {} },\n')
  })

  it('asks one thing in an empty folder, and Enter is an answer', async () => {
    const cwd = projectOf({})
    expect((await ask(cwd, [[/Server, .*Enter for none yet/, enter]])).exitCode).toBe(0)
    expect(readdirSync(cwd)).toEqual(['tasks', 'tasks.config.ts'])
  })

  it.each([
    ['the folder', []],
    ['the server', [[/Which of these[\s\S]*src/, enter]]],
    [
      'the stage',
      [
        [/Which of these[\s\S]*src/, enter],
        [/Server, as/, `web${enter}`],
        [/Domain of/, `example.com${enter}`],
        [/Other domains/, enter],
      ],
    ],
    [
      'the dotenv file',
      [
        [/Which of these[\s\S]*src/, enter],
        [/Server, as/, `web${enter}`],
        [/Domain of/, `example.com${enter}`],
        [/Other domains/, enter],
        [/Stage, /, enter],
      ],
    ],
  ] as readonly (readonly [string, readonly Turn[]])[])(
    'leaves nothing after Ctrl-C at the question for %s',
    async (_, before) => {
      const cwd = projectOf({ ...django, 'old/manage.py': django['src/manage.py'] })
      const last =
        [/Which of these[\s\S]*src/, /Server, as/, /Domain of/, /Other domains/, /Stage, /, /File for its/][
          before.length
        ] ?? /$/
      const { screen, exitCode } = await ask(cwd, [...before, [last, '\u0003']])
      expect([exitCode, screen]).toEqual([
        130,
        expect.stringContaining('Stopped, because Ctrl-C was pressed at a question.'),
      ])
      expect(readdirSync(cwd)).toEqual(['old', 'src'])
    },
  )

  it('replaces a config when that is agreed to, and not by Enter alone', async () => {
    const cwd = projectOf({ 'tasks.config.ts': 'export default {}\n' })
    const no = await ask(cwd, [[/There is a tasks.config.ts already. Replace it\?/, enter]])
    expect([no.exitCode, read(cwd, 'tasks.config.ts')]).toEqual([2, 'export default {}\n'])
    const yes = await ask(cwd, [
      [/Replace it\?/, `y${enter}`],
      [/Server, /, `web${enter}`],
    ])
    expect([yes.exitCode, read(cwd, 'tasks.config.ts')]).toEqual([0, expect.stringContaining('hosts: { web: {} }')])
  })
})

/** What `tasks init` comes to where nobody can be asked, without a process of its own. */
async function written(words: readonly string[], cwd: string) {
  const flags = withInitFlags(new Command()).parse(words, { from: 'user' }).opts()
  const { exitCode, out: stdout = '', err: stderr = '' } = await init(flags, cwd)
  return { exitCode, stdout, stderr }
}

function read(folder: string, file: string): string {
  return readFileSync(path.join(folder, file), 'utf8')
}
