import { execFile, execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyFolder, sshdProgram, startSshd } from '../transport/sshd.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'tasks-package-'))
const installed = path.join(folder, 'node_modules/tasks-ssh')

/**
 * The package as others get it, built anew in a folder of its own: what `npm pack` takes, laid where `npm install` lays it, beside the
 * dependencies that it declares and no others.
 */
beforeAll(() => {
  const copy = path.join(folder, 'copy')
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: checkout, encoding: 'utf8' }).split('\0').filter(Boolean)
  for (const file of files.filter((name) => existsSync(path.join(checkout, name)))) {
    cpSync(path.join(checkout, file), path.join(copy, file), { recursive: true, verbatimSymlinks: true })
  }
  symlinkSync(path.join(checkout, 'node_modules'), path.join(copy, 'node_modules'))
  run('npx', ['tsdown', '--logLevel', 'error'], copy)
  run('npm', ['pack', '--silent', '--pack-destination', folder], copy)
  mkdirSync(installed, { recursive: true })
  run('tar', ['-xzf', path.join(folder, 'tasks-ssh-0.1.0.tgz'), '--strip-components=1', '-C', installed], folder)
  for (const name of Object.keys(manifest().dependencies)) {
    mkdirSync(path.dirname(path.join(folder, 'node_modules', name)), { recursive: true })
    symlinkSync(path.join(checkout, 'node_modules', name), path.join(folder, 'node_modules', name))
  }
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('the package, installed elsewhere', () => {
  it('has what its manifest points to', () => {
    const { bin, exports } = manifest()
    const files = [...Object.values(bin), ...Object.values(exports).flatMap((target) => Object.values(target))]
    const missing = files.filter(
      (file) => file.startsWith('./') && !file.includes('*') && !existsSync(path.join(installed, file)),
    )
    expect(missing).toEqual([])
  })

  it('has neither sources nor tests', () => {
    expect(['src', 'test', 'tasks', 'examples'].filter((name) => existsSync(path.join(installed, name)))).toEqual([])
  })

  it('has the libraries inside, each with its licence, but those that a prompt or a config in TypeScript needs', () => {
    const files = readdirSync(path.join(installed, 'dist'), { recursive: true, encoding: 'utf8' })
    const texts = files
      .filter((file) => file.endsWith('.cjs'))
      .map((file) => readFileSync(path.join(installed, 'dist', file), 'utf8'))
    const named = texts.flatMap((text) =>
      [...text.matchAll(/\b(?:require|import)\("([^"./][^"]*)"\)/g)].map(([, name = '']) => name),
    )
    // What libraries look for, and do well without; cosmiconfig's loader for TypeScript is never asked
    const optional = ['chokidar', 'cpu-features', 'typescript']
    expect(new Set(named.filter((name) => !isBuiltin(name)))).toEqual(new Set(['inquirer', ...optional]))
    expect(Object.keys(manifest().dependencies)).toEqual(['inquirer', 'jiti'])
    const licenses = readdirSync(path.join(installed, 'dist/licenses'))
    expect(licenses).toEqual(
      expect.arrayContaining([
        'commander',
        'cosmiconfig',
        'listr2',
        'node-ssh',
        'nunjucks',
        'ssh2',
        'tweetnacl',
        'zod',
      ]),
    )
  })

  it('has no host prove keys that nobody asked for', () => {
    const parts = path.join(installed, 'dist/src/parts')
    const library = readdirSync(parts).filter((file) => file.startsWith('library-chain') && file.endsWith('.cjs'))
    const text = library.map((file) => readFileSync(path.join(parts, file), 'utf8')).join('')
    expect(text).toContain('case "hostkeys-00@openssh.com":')
    expect(text).not.toContain('hostKeysProve(this')
  })

  it('starts from few files: to show its help, and to reach a host', () => {
    const help = filesLoaded(['--help'])
    expect(help.filter((file) => file.endsWith('cli/main.cjs'))).toHaveLength(1)
    expect(help.length).toBeLessThanOrEqual(20)
    expect(help.filter((file) => /run-task|library-chain|node_modules\/jiti/.test(file))).toEqual([])
    expect(filesLoaded(['provision', '--host', 'elspeth@127.0.0.1:1']).length).toBeLessThanOrEqual(40)
  })

  it('keeps what was compiled of it for the next start, and that is then found', () => {
    const env = { XDG_CACHE_HOME: path.join(folder, 'compiled') }
    const starts = [1, 2].map(() => {
      const listed = spawnSync(process.execPath, [path.join(installed, 'bin/tasks.cjs')], {
        ...{ cwd: folder, encoding: 'utf8' },
        env: { ...withoutDev(), ...env },
      })
      return { listed, kept: keptIn(path.join(env.XDG_CACHE_HOME, 'tasks-ssh/compiled')) }
    })
    expect(starts[0]?.listed).toMatchObject({ status: 0, stderr: '' })
    expect(starts[0]?.kept.length).toBeGreaterThan(5)
    expect(starts[1]?.listed.stdout).toBe(starts[0]?.listed.stdout)
    expect(starts[1]?.kept).toEqual(starts[0]?.kept)
  })

  it('compiles thirty modules of a project once, and then starts from few files and in one process', () => {
    const project = path.join(folder, 'thirty')
    const env = { XDG_CACHE_HOME: path.join(folder, 'cache'), PATH: '/nowhere' }
    mkdirSync(path.join(project, 'tasks'), { recursive: true })
    writeFileSync(path.join(project, 'tasks.config.ts'), 'export default {}\n')
    for (let at = 1; at <= 30; at++) writeFileSync(path.join(project, `tasks/chore-${at}.ts`), choreModule(at))
    const first = filesLoaded(['--help'], { cwd: project, env })
    const kept = keptIn(env.XDG_CACHE_HOME)
    const second = filesLoaded(['--help'], { cwd: project, env })
    const isCompiler = (file: string) => /jiti\/dist\/babel/.test(file)
    expect([first.filter(isCompiler).length, second.filter(isCompiler).length]).toEqual([1, 0])
    expect(kept.filter((file) => /chore-\d/.test(file))).toHaveLength(30)
    expect(keptIn(env.XDG_CACHE_HOME)).toEqual(kept)
    // The thirty, what runs them, and what the help needs anywhere
    expect(second.length).toBeLessThanOrEqual(55)
  })

  it('runs tasks of a project that imports it, from what was built', () => {
    writeFileSync(
      path.join(folder, 'tasks.config.ts'),
      "import { defineConfig } from 'tasks-ssh'\nexport default defineConfig({ hosts: { web1: { address: '203.0.113.7', user: 'elspeth' } } })\n",
    )
    const script = tasks(['provision', '--host', 'web1', '--print-script'])
    expect(script).toMatch(/^#!\/bin\/sh|^set -eu/)
    expect(script).toContain('nginx')
  })

  it('starts runs for a program that imports it, which loads what runs then, and not before', () => {
    writeFileSync(path.join(folder, 'none.mjs'), "import 'tasks-ssh'\n")
    writeFileSync(
      path.join(folder, 'start.mjs'),
      `import { defineTask, loadProject, start } from 'tasks-ssh'
const hello = defineTask({ name: 'hello', summary: 'Say hello', local: ({ log }) => log('hello') })
for await (const event of start(await loadProject(), hello)) if (event.type === 'note.told') console.log(event.message)
`,
    )
    expect(run(process.execPath, [path.join(folder, 'start.mjs')], folder)).toBe('hello\n')
    const imported =
      "import { TasksError } from 'tasks-ssh'\nconst required = createRequire(import.meta.url)('tasks-ssh')"
    writeFileSync(
      path.join(folder, 'same.mjs'),
      `import { createRequire } from 'node:module'\n${imported}\nconsole.log(required.TasksError === TasksError)\n`,
    )
    expect(run(process.execPath, [path.join(folder, 'same.mjs')], folder)).toBe('true\n')
    writeFileSync(
      path.join(folder, 'unheard.mjs'),
      "import { loadProject, start } from 'tasks-ssh'\nstart(await loadProject(), 'nothing')\n",
    )
    expect(() => run(process.execPath, [path.join(folder, 'unheard.mjs')], folder)).toThrow('there is no such task')
    const loaded = filesOf([path.join(folder, 'none.mjs')])
    expect(loaded.length).toBeLessThanOrEqual(13)
    expect(loaded.filter((file) => /library-chain|\/run-|\/project-/.test(file))).toEqual([])
  })

  it.skipIf(sshdProgram === undefined)('opens a key with a passphrase by what is built into it', async () => {
    const keys = keyFolder()
    const sshd = await startSshd({ path: keys.path })
    try {
      writeFileSync(keys.path('known_hosts'), sshd.knownLine)
      const login = { identityFile: keys.path('locked'), knownHostsFile: keys.path('known_hosts'), transport: 'ssh2' }
      const box = { address: '127.0.0.1', port: sshd.port, user: userInfo().username, ...login }
      const project = path.join(folder, 'locked')
      mkdirSync(project)
      writeFileSync(path.join(project, 'tasks.config.json'), JSON.stringify({ hosts: { box } }))
      writeFileSync(
        path.join(project, 'run.mjs'),
        `import { loadProject, start } from 'tasks-ssh'
const ask = { passphrase: async () => 'open sesame' }
const run = start(await loadProject(), 'exec', { hosts: ['box'], params: { command: ['echo', 'opened'] }, ask })
for await (const event of run) if (event.type === 'command.output') console.log(event.text.trim())
process.exit((await run.result).exitCode)
`,
      )
      expect(await ran(path.join(project, 'run.mjs'), project)).toBe('opened\n')
    } finally {
      await sshd.close()
      keys.remove()
    }
  })

  it('has the machines on which tasks are tried', () => {
    writeFileSync(
      path.join(folder, 'try.mjs'),
      `import { defineTask, sh, step } from 'tasks-ssh'
import { isIdempotent, scriptedHost } from 'tasks-ssh/testing'
const name = defineTask({ summary: 'Ask for its name', run: async ({ host }) => (await host.run(sh\`hostname\`)).stdout })
console.log((await scriptedHost({ commands: [['hostname', 'web1']] }).run(name)).returned)
console.log(await isIdempotent([step({ name: 'a', title: 'a', check: sh\`[ -e ~/a ]\`, apply: sh\`: >~/a\` })]))
`,
    )
    expect(run(process.execPath, [path.join(folder, 'try.mjs')], folder)).toBe('web1\ntrue\n')
  })

  it('has the words of the config, which are comments in its sources', () => {
    expect(tasks(['docs', 'app.wsgi'])).toContain('The WSGI application: `superlists.wsgi:application`.')
  })

  it('lets a project need a built-in task, and types it', () => {
    mkdirSync(path.join(folder, 'tasks'))
    writeFileSync(
      path.join(folder, 'tasks/hello.ts'),
      `import { defineTask, param, sh, step } from 'tasks-ssh'
import { provision } from 'tasks-ssh/tasks/provision'
export const hello = defineTask({
  name: 'hello',
  summary: 'Say hello',
  params: { times: param.number({ default: 1 }) },
  needs: { server: provision },
  steps: ({ params }) => [step({ name: 'hello', title: 'said', apply: sh\`echo \${params.times satisfies number}\` })],
})
`,
    )
    const settings = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, types: [] }
    writeFileSync(
      path.join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: settings, include: ['*.ts', 'tasks'] }),
    )
    run(path.join(checkout, 'node_modules/.bin/tsc'), ['-p', folder], folder)
    expect(tasks(['hello', '--help'])).toContain('In this order: provision, hello.')
  })
})

interface Start {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** The modules that a run loads, as V8 lists them, in all its processes. */
function filesLoaded(words: readonly string[], start: Start = {}): readonly string[] {
  return filesOf([path.join(installed, 'bin/tasks.cjs'), ...words], start)
}

function filesOf(words: readonly string[], { cwd = folder, env: more = {} }: Start = {}): readonly string[] {
  const lists = mkdtempSync(path.join(folder, 'loaded-'))
  spawnSync(process.execPath, words, { cwd, env: { ...withoutDev(), ...more, NODE_V8_COVERAGE: lists } })
  return readdirSync(lists).flatMap((list) => {
    const { result } = JSON.parse(readFileSync(path.join(lists, list), 'utf8')) as { result: { url: string }[] }
    return result.map(({ url }) => url).filter((url) => url.startsWith('file:'))
  })
}

/** What is kept of what was compiled: a file that is written anew is another one. */
function keptIn(cache: string): readonly string[] {
  const files = readdirSync(cache, { recursive: true, encoding: 'utf8' }).map((name) => path.join(cache, name))
  return files
    .filter((file) => statSync(file).isFile())
    .map((file) => `${statSync(file).ino} ${statSync(file).mtimeMs} ${file}`)
}

function choreModule(at: number): string {
  return `import { defineTask, param, sh } from 'tasks-ssh'
export const chore${at} = defineTask({
  summary: 'Do chore ${at} of thirty',
  params: { table: param.text({ default: 'users' }) },
  run: async ({ host, params }): Promise<void> => void (await host.run(sh\`echo \${params.table satisfies string}\`)),
})
`
}

function tasks(words: readonly string[]): string {
  return run(process.execPath, [path.join(installed, 'bin/tasks.cjs'), ...words], folder)
}

/** The server of this very process must go on meanwhile. */
async function ran(script: string, cwd: string): Promise<string> {
  const env = { ...withoutDev(), SSH_AUTH_SOCK: '' }
  const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd, env })
  return stdout
}

interface Manifest {
  readonly bin: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>> | string>>
  readonly dependencies: Readonly<Record<string, string>>
}

function manifest(): Manifest {
  return JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8')) as Manifest
}

function run(command: string, words: readonly string[], cwd: string): string {
  return execFileSync(command, words, { cwd, encoding: 'utf8', env: withoutDev(), stdio: ['ignore', 'pipe', 'pipe'] })
}

/** The environment in which what was built runs, and not the sources. */
function withoutDev(): NodeJS.ProcessEnv {
  const { TASKS_DEV: _, ...env } = process.env
  return env
}
