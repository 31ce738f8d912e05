import { describe, expect, it } from 'vitest'
import { program, projectOf, tasks } from './command-line.ts'
import { inTerminal, type Turn } from './terminal.ts'

const enter = '\r'
const down = '\u001b[B'

/** A project with neither a host nor a repository: its tasks say what they were given. */
const project = {
  'tasks.config.json': '{}',
  'tasks/build.ts': `import { defineTask, param, sh } from 'tasks-ssh'
export const build = defineTask({
  summary: 'Build',
  params: { target: param.choice(['web', 'app'], { default: 'web' }) },
  local: async ({ params, local }) => void (await local.run(sh\`echo built \${params.target}\`)),
})
export const ship = defineTask({
  summary: 'Ship', needs: { build }, local: async ({ local }) => void (await local.run(sh\`echo shipped\`)),
})
export const count = defineTask({
  summary: 'Count', params: { to: param.number({ default: 1 }) }, local: ({ params }) => ({ to: params.to }),
})
export const tell = defineTask({
  summary: 'Tell', needs: { count },
  local: async ({ needs, local }) => void (await local.run(sh\`echo counted to \${needs.count.to}\`)),
})
export const broken = defineTask({ summary: 'Break', local: async ({ local }) => void (await local.run(sh\`exit 3\`)) })
`,
  'tasks/db/empty.ts': `import { defineTask, param, sh } from 'tasks-ssh'
export const empty = defineTask({
  summary: 'Empty a table',
  isDefault: true,
  confirm: 'This empties {table} of {site}, with {password}.',
  params: {
    table: param.text({ summary: 'the table', isPositional: true }),
    colour: param.choice(['red', 'blue']),
    rows: param.number({ summary: 'how many', min: 1 }),
    isSure: param.flag({ isRequired: true }),
    tags: param.list(param.text(), { isRequired: true }),
    password: param.secret({ summary: 'the password' }),
  },
  local: async ({ params, local }) => void (await local.run(sh\`echo \${JSON.stringify({ ...params, password: params.password.hidden.join().length })}\`)),
})
`,
}
const said = ['db:empty', 'users', '--colour', 'red', '--rows', '5', '--is-sure', '--tags', 'a']
const environment = { TASKS_DB_EMPTY_PASSWORD: 'correct horse' }

describe('tasks that stay on this machine', () => {
  it('need no host, and are one run, in their order, with what they both need once', async () => {
    const cwd = projectOf(project)
    const { exitCode, stderr } = await tasks(['ship', '--dry-run', 'build', '--target', 'web', '--exit-code'], { cwd })
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.not.stringContaining('built') })
    const ran = await tasks(['build', '--target', 'app', 'ship', 'build', 'ship'], { cwd })
    expect(ran.exitCode).toBe(0)
    expect(ran.stderr.match(/(?<=\| )(built|shipped).*/g)).toEqual(['built app', 'built web', 'shipped'])
  })

  it('hand on to the next what they returned, and are told as one', async () => {
    const cwd = projectOf(project)
    const ran = await tasks(['count', '--to', '5', 'tell', '--to', '5', '--json'], { cwd })
    const events = ran.stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
    expect(ran.exitCode).toBe(0)
    expect(events.flatMap(({ type, task }) => (type === 'task.finished' ? [task] : []))).toEqual(['count', 'tell'])
    expect(events.flatMap(({ type, text }) => (type === 'command.output' ? [text] : []))).toEqual(['counted to 5\n'])
    expect(events.filter(({ type }) => type === 'run.started')).toMatchObject([
      { tasks: ['count', 'tell'], asked: { task: 'count tell' } },
    ])
    expect(events.filter(({ type }) => type === 'run.finished')).toHaveLength(1)
  })

  it('are the last when one fails, and nothing is begun where one cannot be', async () => {
    const cwd = projectOf(project)
    const broken = await tasks(['build', 'broken', 'ship'], { cwd })
    expect(broken.exitCode).toBe(1)
    expect(broken.stderr).toMatch(/built web[\s\S]*ended with exit code 3/)
    expect(broken.stderr).not.toContain('shipped')
    expect(await tasks(['build', '--only', 'wibble', 'broken'], { cwd })).toMatchObject({
      exitCode: 2,
      stderr:
        'Cannot narrow "build broken" to "wibble", because that is not part of it.\nhint: use one of: build, broken\n',
    })
  })
})

describe('several tasks for a host', () => {
  it('are one script, with what both need once', async () => {
    const cwd = projectOf({
      'tasks/hello.ts': `import { defineTask, sh, step } from 'tasks-ssh'
const say = (word: string) => () => [step({ name: word, title: word, apply: sh\`echo \${word}\` })]
const first = defineTask({ name: 'first', summary: 'First', steps: say('one') })
export const second = defineTask({ summary: 'Second', needs: { first }, steps: say('two') })
export const third = defineTask({ summary: 'Third', needs: { first }, steps: say('three') })
`,
      'tasks.config.json': '{}',
    })
    const { exitCode, stdout } = await tasks(['second', 'third', '--host', 'root@192.0.2.1', '--print-script'], { cwd })
    expect(exitCode).toBe(0)
    expect(stdout.match(/echo (one|two|three)/g)).toEqual(['echo one', 'echo two', 'echo three'])
  })

  it('are no script where one is a function, and a script says what of them it lacks', async () => {
    const cwd = projectOf({
      'tasks/mixed.ts': `import { defineTask, sh, step } from 'tasks-ssh'
const steps = () => [step({ name: 'one', title: 'one', apply: sh\`echo one\` })]
export const here = defineTask({ summary: 'Here', steps, local: () => undefined })
export const seldom = defineTask({ summary: 'Seldom', steps, when: () => false, local: () => undefined })
export const free = defineTask({ summary: 'Free', run: () => undefined })
`,
      'tasks.config.json': '{}',
    })
    const script = ['--host', 'root@192.0.2.1', '--print-script']
    const printed = await tasks(['here', 'seldom', ...script], { cwd })
    expect(printed.exitCode).toBe(0)
    expect(printed.stderr).toContain('The script leaves out what "here" does on this machine.')
    expect(printed.stderr).not.toContain('seldom')
    expect(await tasks(['here', 'free', ...script], { cwd })).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr:
        'Cannot print a script, because "free" is a function, and not a list of steps.\nhint: name the other tasks with --only\n',
    })
  })
})

describe('a task that asks first', () => {
  it('is not done where nobody can be asked, unless somebody agreed beforehand', async () => {
    const cwd = projectOf(project)
    expect(await tasks(['build', ...said], { cwd, env: environment })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'Cannot run "build db:empty", because it must be agreed to, and standard input is not a terminal to ask on: This empties users of {site}, with ***.\nhint: add --yes\n',
    })
    expect(await tasks([...said, '--dry-run'], { cwd, env: environment })).toMatchObject({ exitCode: 0 })
    const agreed = await tasks([...said, '--yes'], { cwd, env: environment })
    expect(agreed.stderr).toContain(
      '{"table":"users","colour":"red","rows":5,"isSure":true,"tags":["a"],"password":13}',
    )
  })

  it('names the flag and the variable of what is missing where nobody can be asked', async () => {
    expect(await tasks([...said, '--password-file', 'nowhere'], { cwd: projectOf(project) })).toMatchObject({
      exitCode: 2,
      stderr:
        'Cannot read "nowhere" for --password-file, because there is no such file.\nhint: write: --password-file <FILE>\n',
    })
    expect(await tasks(said, { cwd: projectOf(project) })).toMatchObject({
      exitCode: 2,
      stderr:
        'Cannot run "db:empty", because --password-file is missing.\nhint: add --password-file FILE, or set TASKS_DB_EMPTY_PASSWORD\n',
    })
  })

  const onTerminal = async (words: readonly string[], ...turns: readonly Turn[]) => {
    const cwd = projectOf(project)
    const env = { TASKS_DEV: '1', HOME: cwd }
    const { screen, exitCode } = await inTerminal([process.execPath, program, ...words], turns, { cwd, env })
    return { screen: screen.replaceAll('\r\n', '\n'), exitCode }
  }

  it('asks for what is missing, again for what cannot be used, and shows no secret', async () => {
    const { screen, exitCode } = await onTerminal(
      ['db', '--plain'],
      [/The table \(TABLE\):/, `${enter}`],
      [/The table \(TABLE\):[\s\S]*The table \(TABLE\):/, `users${enter}`],
      [/colour \(--colour\):[\s\S]*blue/, `${down}${enter}`],
      [/How many \(--rows\):/, `0${enter}`],
      [/Cannot use "0" as a number, because it is less than 1\.[\s\S]*How many/, `7${enter}`],
      [/isSure \(--is-sure\)\?/, `y${enter}`],
      [/tags \(--tags\), with commas between them:/, `a, b${enter}`],
      [/The password \(--password-file\):/, `correct horse${enter}`],
      [/This empties users of \{site\}, with \*\*\*\. Go on\?/, `y${enter}`],
    )
    expect(screen).toContain('{"table":"users","colour":"blue","rows":7,"isSure":true,"tags":["a","b"],"password":13}')
    expect(screen).not.toContain('correct horse')
    expect(exitCode).toBe(0)
  })

  it('is not done where the answer is no', async () => {
    const turn: Turn = [/Go on\?/, enter]
    const words = [...said, '--password-file', 'tasks.config.json']
    const { screen, exitCode } = await onTerminal(words, turn)
    expect(exitCode).toBe(2)
    expect(screen).toContain('Stopped before anything was done, because the answer was no.\n')
    expect(screen).not.toContain('isSure":')
  })
})

describe('what every task has', () => {
  it('is read from the environment where no flag says it', async () => {
    const greet = `import { defineTask, sh, step } from 'tasks-ssh'
export const greet = defineTask({ summary: 'Greet', steps: ({ host, site }) => [
  step({ name: 'greet', title: 'greeted', apply: sh\`echo \${host.name} \${site?.name ?? 'no site'}\` }) ] })`
    const config = {
      hosts: { web1: { address: '203.0.113.1' }, web2: { address: '203.0.113.2' } },
      sites: { 'example.com': { host: 'web2' } },
    }
    const cwd = projectOf({ 'tasks.config.json': JSON.stringify(config), 'tasks/greet.ts': greet })
    const env = { TASKS_HOST: '', TASKS_SITE: 'example.com', TASKS_STAGE: '', TASKS_JOBS: '3' }
    const fromSite = await tasks(['greet', '--print-script'], { cwd, env })
    expect(fromSite.stdout).toContain('echo web2 example.com')
    const flagged = await tasks(['greet', '--print-script', '--host', 'web1'], { cwd, env: { TASKS_HOST: 'web2' } })
    expect(flagged.stdout).toContain("echo web1 'no site'")
    expect(await tasks(['greet'], { cwd, env: { TASKS_HOST: 'wbe1' } })).toMatchObject({ exitCode: 2 })
  })
})
