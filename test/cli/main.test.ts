import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectOf, tasks } from './command-line.ts'

const config = `import { defineConfig } from 'tasks-ssh'
import { user } from './who.ts'
export default defineConfig({
  hosts: { web1: { address: '203.0.113.10', user } },
  stages: { staging: { dotenv: '.env.staging' } },
  sites: { 'staging.example.com': { host: 'web1', stage: 'staging' }, 'example.com': { host: 'web1' } },
})
`
const greet = `import { defineTask, param, sh, step } from 'tasks-ssh'
export const greet = defineTask({
  name: 'greet',
  summary: 'Leave a greeting',
  params: {
    toWhom: param.text({ summary: 'whom to greet', placeholder: 'NAME' }),
    times: param.number({ default: 1 }),
    colour: param.choice(['red', 'blue'], { default: 'red' }),
    isLoud: param.flag({ summary: 'shout' }),
  },
  steps: ({ params }) => [
    step({ name: 'greeting', title: 'greeted', apply: sh\`echo \${params.toWhom} \${params.times} \${params.colour} \${String(params.isLoud)}\` }),
  ],
})
`
const project = {
  'tasks.config.ts': config,
  'who.ts': "export const user: string = 'elspeth'\n",
  'tasks/greet.ts': greet,
}

describe('tasks', () => {
  it("lists the tasks with their summaries, the project's own among them", async () => {
    const { exitCode, stdout, stderr } = await tasks([], { cwd: projectOf(project) })
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(/^ {2}provision +Make a bare/m)
    expect(stdout).toMatch(/^ {2}greet +Leave a greeting$/m)
  })

  it("shows a task's own flags before those that all tasks have", async () => {
    const { stdout } = await tasks(['help', 'greet'], { cwd: projectOf(project) })
    expect(stdout).toMatch(/--to-whom <NAME> +whom to greet\n +--times <NUMBER> +\(default: 1\)\n/)
    expect(stdout.indexOf('--is-loud')).toBeLessThan(stdout.indexOf('--host <host>'))
  })

  it('hands a task its arguments, typed', async () => {
    const words = ['greet', '--to-whom', "it's me", '--times', '2', '--is-loud', '--host', 'web1', '--print-script']
    const { exitCode, stdout } = await tasks(words, { cwd: projectOf(project) })
    expect(exitCode).toBe(0)
    expect(stdout).toContain("me' 2 red true")
  })

  it('reads a file that the config imports anew when it has changed', async () => {
    const cwd = projectOf({ ...project, 'who.ts': "export const user: string = 'Elspeth'\n" })
    const words = ['greet', '--to-whom', 'me', '--host', 'web1', '--print-script']
    expect((await tasks(words, { cwd })).stderr).toMatch(/^tasks\.config\.ts: hosts\.web1\.user: cannot be a user/)
    writeFileSync(path.join(cwd, 'who.ts'), "export const user: string = 'elspeth'\n")
    expect((await tasks(words, { cwd })).exitCode).toBe(0)
  })

  it('says why there was no run in an event, too, for programs that read events', async () => {
    const { exitCode, stdout, stderr } = await tasks(['deploy', '--json'], { cwd: projectOf({}) })
    expect(exitCode).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ type: 'run.failed', code: 'config' })
    expect(stderr).toMatch(/^Cannot deploy, because/)
  })

  it.each([
    [['deplyo'], 'Cannot run "deplyo", because there is no such task.\nhint: did you mean "deploy"?\n'],
    [['wibble'], 'Cannot run "wibble", because there is no such task.\nhint: run: tasks\n'],
    [['help', 'deplyo'], 'Cannot run "deplyo", because there is no such task.\nhint: did you mean "deploy"?\n'],
    [
      ['deploy', '--hots', 'web1'],
      'Cannot run "deploy", because it has no flag "--hots".\nhint: did you mean "--host"?\n',
    ],
    [
      ['deploy', '--wibble'],
      'Cannot run "deploy", because it has no flag "--wibble".\nhint: run: tasks deploy --help\n',
    ],
    [['deploy', '--host'], 'Cannot run "deploy", because --host lacks its value.\nhint: write: --host <host>\n'],
    [['deploy', 'web1'], 'Cannot run "deploy", because it takes no argument "web1".\nhint: run: tasks deploy --help\n'],
    [
      ['deploy', '--dry-run', '--step'],
      'Cannot run "deploy", because --dry-run and --step exclude each other.\nhint: leave one out\n',
    ],
    [
      ['deploy', '--step'],
      'Cannot ask about each step, because standard input is not a terminal.\nhint: run it in a terminal, or use --dry-run\n',
    ],
    [['deploy', '--jobs', '0'], 'Cannot use --jobs, because it must be a whole number from 1.\n'],
    [
      ['greet'],
      'Cannot run "greet", because --to-whom is missing.\nhint: add --to-whom NAME, or set TASKS_GREET_TO_WHOM\n',
    ],
    [
      ['greet', '--to-whom', 'me', '--times', 'two'],
      'Cannot use "two" as a number, because it is not written with digits alone.\nhint: write: --times <NUMBER>\n',
    ],
    [
      ['greet', '--to-whom', 'me', '--colour', 'green'],
      'Cannot use "green", because it is none of: red, blue.\nhint: write: --colour <red|blue>\n',
    ],
    [
      ['deploy'],
      'Cannot deploy, because there are 2 sites.\nhint: add --site with one of: staging.example.com, example.com\n',
    ],
    [
      ['deploy', '--site', 'stging.example.com'],
      'Cannot find site "stging.example.com", because tasks.config.ts has no such site.\nhint: did you mean "staging.example.com"?\n',
    ],
    [
      ['deploy', '--site', 'staging.example.com'],
      'tasks.config.ts: stages.staging.dotenv: there is no file ".env.staging".\nhint: make the file, or take the key away\n',
    ],
    [
      ['deploy', '--stage', 'live'],
      'Cannot find stage "live", because tasks.config.ts has no such stage.\nhint: use one of: staging\n',
    ],
    [
      ['deploy', '--site', '-rf.example'],
      'Cannot use "-rf.example" as a site, because its part "-rf" begins or ends with a hyphen.\n',
    ],
    [
      ['provision', '--host', 'wbe1'],
      'Cannot find host "wbe1", because neither tasks.config.ts nor the sandbox, ssh_config or DNS knows it.\nhint: did you mean "web1"?\n',
    ],
    [
      ['provision', '--host', 'a b@203.0.113.7'],
      'Cannot use "a b@203.0.113.7" as a host, because a user name is up to 32 lower-case letters, digits, hyphens and underscores, and begins with a letter or underscore.\nhint: write it as user@address:port, with brackets around an IPv6 address\n',
    ],
    [
      ['provision', '--config', 'nowhere.ts', '--host', 'web1'],
      'Cannot read the config "nowhere.ts", because there is no such file.\n',
    ],
    [['sandbox', 'upp'], 'Cannot run "sandbox", because it has no command "upp".\nhint: did you mean "up"?\n'],
    [['sandbox', 'up'], 'Cannot run "sandbox up", because NAME is missing.\nhint: run: tasks sandbox up --help\n'],
    [
      ['sandbox', 'up', 'web1', '--debian', '11'],
      'Cannot run "sandbox up", because --debian cannot be "11".\nhint: run: tasks sandbox up --help\n',
    ],
  ])('refuses `tasks %j`, saying why', async (words, message) => {
    expect(await tasks(words, { cwd: projectOf(project) })).toEqual({ exitCode: 2, stdout: '', stderr: message })
  })
})

describe('tasks, where there is no config', () => {
  it('refuses a deploy in a folder without an application', async () => {
    const cwd = projectOf({})
    const { exitCode, stderr } = await tasks(['deploy', '--site', 'example.com', '--host', 'elspeth@203.0.113.10'], {
      cwd,
    })
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: `Cannot deploy, because there is neither a config nor a manage.py in "${cwd}".\nhint: run it in your project's folder, or write a tasks.config.ts\n`,
    })
  })

  it.each([
    [
      ['deploy'],
      'Cannot deploy, because no site is named.\nhint: add --site staging.example.com --host user@address\n',
    ],
    [
      ['deploy', '--site', 'example.com'],
      'Cannot find site "example.com", because there is no config that says where it is.\nhint: add --host user@address\n',
    ],
    [['provision'], 'Cannot provision, because no host is named.\nhint: add --host user@address\n'],
  ])('says what to add to `tasks %j`', async (words, message) => {
    expect(await tasks(words, { cwd: projectOf({ 'src/manage.py': '' }) })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: message,
    })
  })
})

describe('tasks, where the config is broken', () => {
  it.each([
    [
      'tasks.config.ts',
      'export default {\n  hosts: = 3,\n}\n',
      'Cannot read "tasks.config.ts", because line 2 is not valid TypeScript: unexpected token.\n',
    ],
    [
      'tasks.config.ts',
      'export const config = {}\n',
      'Cannot read "tasks.config.ts", because it has no default export.\nhint: write: export default defineConfig({ … })\n',
    ],
    [
      'tasks.config.ts',
      "import { x } from './nowhere.ts'\nexport default x\n",
      'Cannot read "tasks.config.ts", because "./nowhere.ts", which it imports, cannot be found.\n',
    ],
    [
      'tasks.config.ts',
      "import { x } from 'nowhere-at-all'\nexport default x\n",
      'Cannot read "tasks.config.ts", because "nowhere-at-all", which it imports, cannot be found.\nhint: run: npm install --save-dev nowhere-at-all\n',
    ],
    [
      'tasks.config.yaml',
      'hosts:\n  web1: [\n',
      'Cannot read "tasks.config.yaml", because line 3 is not valid YAML: unexpected end of the stream within a flow collection.\n',
    ],
    [
      'tasks.config.json',
      '{ "hosts": secret }',
      'Cannot read "tasks.config.json", because it is not valid JSON: unexpected token \'s\'.\n',
    ],
    [
      'tasks.config.ts',
      'export default { hosts: { web1: { prot: 22 } } }\n',
      'tasks.config.ts: hosts.web1.prot: unknown key.\nhint: did you mean "port"?\n',
    ],
    ['.tasksrc', 'hosts: { web1: { port: "22" } }\n', '.tasksrc: hosts.web1.port: expected a number, found text.\n'],
    [
      'package.json',
      '{ "tasks": { "sites": { "example.com": { "host": "web1" } } } }',
      'package.json: sites["example.com"].host: there is no host "web1".\nhint: add "web1" to hosts\n',
    ],
  ])('tells what is wrong with %s: %j', async (file, text, message) => {
    const ending = await tasks(['provision', '--host', 'root@203.0.113.10', '--dry-run'], {
      cwd: projectOf({ [file]: text }),
    })
    expect(ending).toEqual({ exitCode: 2, stdout: '', stderr: message })
  })

  it('says where a config that throws has thrown', async () => {
    const cwd = projectOf({ 'tasks.config.ts': "export default {}\nthrow new Error('no staging today')\n" })
    const { exitCode, stderr } = await tasks(['provision'], { cwd })
    expect(exitCode).toBe(2)
    expect(stderr).toBe(
      `Cannot read "tasks.config.ts", because it throws: no staging today.\n  at ${cwd}/tasks.config.ts:2\n`,
    )
  })
})
