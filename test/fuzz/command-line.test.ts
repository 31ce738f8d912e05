import { CommanderError } from '@commander-js/extra-typings'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Ending, endingOf } from '../../src/cli/ending.ts'
import { interpret } from '../../src/cli/program.ts'
import type { Invocation } from '../../src/cli/task-command.ts'
import { gathered } from '../../src/cli/task-params.ts'
import { param } from '../../src/config/param.ts'
import { defineTask } from '../../src/core/task.ts'
import { builtInTasks } from '../../src/project/built-in-tasks.ts'
import { listed } from '../../src/project/task-list.ts'
import { projectOf, tasks as typed } from '../cli/command-line.ts'

const own = defineTask({
  name: 'own',
  summary: 'Has an argument of each kind',
  params: {
    site: param.site(),
    text: param.text({ isOptional: true }),
    times: param.number({ default: 1 }),
    isLoud: param.flag(),
    colour: param.choice(['red', 'blue'], { default: 'red' }),
    ref: param.gitRef(),
    loudness: param.count({ short: 'l' }),
    tags: param.list(param.text(), { short: 'g' }),
    log: param.text({ alone: 'tasks.log', isOptional: true }),
    key: param.secret({ isOptional: true }),
    table: param.text({ isOptional: true, isPositional: true }),
    files: param.list(param.path(), { isPositional: true }),
  },
})
const tasks = [...(await builtInTasks()), own]

const flags =
  '--host --site --stage --config --dry-run --step --yes --confirm --only --wait --jobs --exit-code --plain --json --verbose'
const word = fc.oneof(
  fc.constantFrom(
    ...`${flags} --quiet --print-script --help -h --version --text --times --colour --ref --is-loud --no-is-loud --to -l -lll -g --tags --log --key-file -k`.split(
      ' ',
    ),
  ),
  fc.constantFrom(
    '',
    '-',
    '--',
    '---',
    '=',
    '--=',
    '--host=',
    '-hx',
    '--constructor',
    '--__proto__=x',
    '--toString',
    '*',
    '..',
    '~',
    '%s',
    '$(id)',
  ),
  fc.constantFrom(
    '\u001b[2J',
    '\u001b]0;x\u0007',
    '\r\n',
    '\u202e',
    '\u2028',
    '\0',
    'x'.repeat(100_000),
    '--'.repeat(1000),
  ),
  fc.constantFrom(
    'web1',
    'example.com',
    'staging',
    '1',
    '-1',
    '1e9',
    'NaN',
    'red',
    'HEAD',
    'true',
    'help',
    'deploy',
    'own',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ maxLength: 8 }).map((text) => `--${text}`),
)
/** Sandbox commands do what they say, and are no matter of words. */
const line = fc
  .tuple(fc.oneof(fc.constantFrom(...tasks.map(({ name }) => name), 'help'), word), fc.array(word, { maxLength: 6 }))
  .map(([first, rest]) => [first, ...rest])
  .filter((words) => !words.includes('sandbox') && words.find((each) => !each.startsWith('-')) !== 'attach')

/** What a command line comes to, up to where it would be carried out. */
async function endingFor(words: readonly string[]): Promise<Ending | 'carried out'> {
  const invocations: Invocation[] = []
  try {
    await interpret(words, {
      tasks: listed(tasks),
      version: '1.0.0',
      print: () => undefined,
      invoke: (invocation) => invocations.push(invocation),
      finish: () => undefined,
    })
    for (const { task, words: given } of invocations) gathered(task, given, { environment: {}, textOf: () => '' })
    return invocations.length === 0 ? { exitCode: 0 } : 'carried out'
  } catch (error) {
    return error instanceof CommanderError && error.exitCode === 0 ? { exitCode: 0 } : endingOf(error)
  }
}

describe('a command line', () => {
  it('of any words is carried out, or refused in words that are fit for a terminal', async () => {
    const seen = { carriedOut: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(line, async (words) => {
        const ending = await endingFor(words)
        if (ending === 'carried out') return void seen.carriedOut++
        expect([0, 2]).toContain(ending.exitCode)
        if (ending.exitCode === 0) return
        seen.refused++
        expect(ending.err).toMatch(/^Cannot [\s\S]*\.\n(hint: [\s\S]*\n)?$/)
        expect(ending.err?.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u)
        expect(ending.err?.length).toBeLessThan(5000)
      }),
      { numRuns: 3000 },
    )
    expect(seen.carriedOut).toBeGreaterThan(50)
    expect(seen.refused).toBeGreaterThan(500)
  })

  it.each(
    [
      [['\u001b[2J\u001b]0;title\u0007']],
      [['deploy', '--site', '\u001b[31mexample.com\r']],
      [['deploy', '--site', 'x'.repeat(100_000), '--host', 'a@b']],
      [['provision', '--host', `${'x'.repeat(100_000)}`]],
      [['provision', '--host', `root@${'é'.repeat(50_000)}.example`]],
      [['provision', '--host', '-oProxyCommand=id']],
      [['deploy', '--config', '/proc/self/mem']],
      [['deploy', '--config', '.']],
      [['deploy', '--config', 'tasks.config.json/x']],
      [['deploy', '--only', '__proto__', '--site', 'example.com', '--host', 'a@b', '--print-script']],
      [['deploy', '--ref', '--upload-pack=id', '--site', 'example.com']],
      [['deploy', '--confirm', '\u202e', '--site', 'example.com']],
      [['help', '__proto__']],
      [['constructor']],
      [['attach', '--run', '../../etc/passwd', '--host', '\u001b[31m']],
    ].map(([words = []]) => [JSON.stringify(words).slice(0, 80), words] as const),
  )('is never answered with a stack trace: %s', async (_, words) => {
    const config = { hosts: { web1: { address: '127.0.0.1', port: 1 } }, sites: { 'example.com': { host: 'web1' } } }
    const cwd = projectOf({ 'tasks.config.json': JSON.stringify(config) })
    const { exitCode, stderr } = await typed(words, { cwd })
    expect(exitCode).toBe(2)
    expect(stderr).not.toMatch(/bug in tasks|^\s+at /m)
    expect(stderr.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
    expect(stderr.length).toBeLessThan(5000)
  })
})
