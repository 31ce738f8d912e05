import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectOf, tasks } from '../command-line.ts'

const config = `export default {
  hosts: { web1: { address: '203.0.113.7', user: 'elspeth', roles: ['web'] }, db1: { identityFile: './key' } },
  stages: { staging: { dotenv: '.env.staging' } },
  sites: { 'staging.example.com': { host: 'web1', stage: 'staging' } },
}`

const dump = `import { defineTask, param } from 'tasks-ssh'
export const dump = defineTask({
  summary: 'Dump\\tit\\nall\\x1b[2J',
  params: {
    tables: param.list(param.choice(['users', 'lists', '-odd']), { isPositional: true }),
    parts: param.list(param.choice(['a', 'b', 'new\\nline', 'tab\\tbed', 'bell\\x07', '\\u202eleft'])),
    ref: param.gitRef(),
    password: param.secret({ isOptional: true }),
    loud: param.flag({ summary: 'say more' }),
  },
  run: () => {},
})
export const hidden = defineTask({ summary: '', isHidden: true, run: () => {} })
export const other = defineTask({ summary: 'Another', aliases: ['also'], run: () => {} })
`

/** What is offered for the last of these words, each as \`word\`, or with what it is. */
async function answer(cwd: string, ...words: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr, exitCode } = await tasks(['__complete', 'zsh', ...words], { cwd })
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  return stdout.replace(/\n$/, '').split('\n')
}

const words = (lines: readonly string[]) => lines.map((line) => line.split('\t')[0])

describe('what a shell is told', () => {
  it('is every task and command, in words that hold on one line, but for hidden ones', async () => {
    const lines = await answer(projectOf({ 'tasks.config.mjs': config, 'tasks/dump.ts': dump }), '')
    expect(words(lines)).toEqual(
      expect.arrayContaining(['words', 'deploy', 'dump', 'other', 'also', 'graph', 'completion']),
    )
    expect(words(lines)).not.toContain('hidden')
    expect(words(lines)).not.toContain('__complete')
    expect(lines).toContain('dump\tDump it all')
  })

  it('is what can follow: values, flags, and tasks once no other word is taken', async () => {
    const cwd = projectOf({ 'tasks.config.mjs': config, 'tasks/dump.ts': dump })
    expect(await answer(cwd, 'dump', '')).toEqual(['words', 'users\t', 'lists\t'])
    expect(await answer(cwd, 'dump', '--', '')).toEqual(['words', 'users\t', 'lists\t', '-odd\t'])
    expect(await answer(cwd, 'dump', '--parts', 'a,')).toEqual(['words', 'a,b\t'])
    expect(await answer(cwd, 'dump', '--password-file', '')).toEqual(['files'])
    expect(await answer(cwd, 'dump', '--l')).toContain('--loud\tsay more')
    expect(words(await answer(cwd, 'other', ''))).toContain('deploy')
    expect(words(await answer(cwd, 'other', ''))).not.toContain('graph')
    expect(await answer(cwd, 'exec', '--host', 'web1', '--', '')).toEqual(['words'])
    expect(await answer(cwd, 'nothing-of-the-kind', '')).toEqual(['words'])
    expect(words(await answer(cwd, 'deploy', '--only', ''))).toEqual(['words', 'provision', 'deploy', 'verify'])
  })

  it('is the places of the config, those of ssh_config, and what is in the repository', async () => {
    const cwd = projectOf({
      'tasks.config.mjs': config,
      'tasks/dump.ts': dump,
      '.ssh/config': 'Host old new *.example.com !not\n  HostName 203.0.113.9\nhost=third\nMatch all\n',
    })
    const hosts = await answer(cwd, '--host', '')
    expect(hosts).toEqual(expect.arrayContaining(['old\tof ssh_config', 'new\tof ssh_config', 'third\tof ssh_config']))
    expect(hosts).toEqual(
      expect.arrayContaining(['web1\telspeth@203.0.113.7', 'db1\t', '@web\t1 host', '@all\t2 hosts']),
    )
    expect(words(hosts).filter((word) => /[*!]/.test(word ?? ''))).toEqual([])
    expect(words(await answer(cwd, 'attach', '--host', ''))).not.toContain('@web')
    expect(await answer(cwd, 'deploy', '--site', '')).toEqual(['words', 'staging.example.com\ton web1'])
    expect(await answer(cwd, 'deploy', '--stage=')).toEqual(['words', '--stage=staging\t'])
    const git = (...line: readonly string[]) => execFileSync('git', line, { cwd, stdio: 'ignore' })
    git('init', '-b', 'trunk')
    git('-c', 'user.name=x', '-c', 'user.email=x@x', 'commit', '--allow-empty', '-m', 'x')
    git('branch', 'side')
    expect(words(await answer(cwd, 'deploy', '--ref', '')).toSorted()).toEqual(['HEAD', 'side', 'trunk', 'words'])
  })

  it('is that of the config that the line names', async () => {
    const cwd = projectOf({ 'tasks.config.mjs': config, 'other/tasks.config.json': '{"stages":{"far":{}}}' })
    expect(await answer(cwd, 'deploy', '--config', 'other/tasks.config.json', '--stage', '')).toEqual([
      'words',
      'far\t',
    ])
  })

  it('is told without reading secrets: these would never be read to their end', async () => {
    const cwd = projectOf({ 'tasks.config.mjs': config })
    for (const file of ['.env.staging', 'key']) execFileSync('mkfifo', [path.join(cwd, file)])
    expect(words(await answer(cwd, 'deploy', '--site', 'staging.example.com', '--host', ''))).toContain('web1')
  })

  it('is what comes with the program where the project cannot be read, and nothing else is said', async () => {
    for (const broken of [
      'throw new Error("no")',
      '((',
      'console.log("noise"); console.error("noise"); throw 1',
      'export default { hsots: {} }',
    ]) {
      const cwd = projectOf({ 'tasks.config.mjs': broken, 'tasks/broken.mjs': broken })
      expect(words(await answer(cwd, ''))).toContain('deploy')
      expect(words(await answer(cwd, 'deploy', '--stage', ''))).toEqual(['words'])
    }
  })
})

describe('tasks completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints the script for %s', async (shell) => {
    const { stdout, stderr, exitCode } = await tasks(['completion', shell], { cwd: projectOf({}) })
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    expect(stdout).toContain(`__complete ${shell}`)
  })

  it('refuses a shell that it does not know, and lacks none', async () => {
    const cwd = projectOf({})
    expect((await tasks(['completion', 'tcsh'], { cwd })).stderr).toContain(
      'Cannot run "completion", because SHELL cannot be "tcsh".',
    )
    expect((await tasks(['completion'], { cwd })).stderr).toContain(
      'Cannot run "completion", because SHELL is missing.',
    )
  })
})
