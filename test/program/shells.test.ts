import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { StepAnswer } from '../../src/core/ask.ts'
import { content, secret } from '../../src/core/data.ts'
import type { Event, Mode } from '../../src/core/event.ts'
import { sh } from '../../src/core/sh.ts'
import { followUp, hostValue, type Step, step } from '../../src/core/step.ts'
import { machine, type Outcome, type ShellName, shells } from './harness.ts'

const as = userInfo().username

/** One of each kind of step, good and bad, in a folder that is always called the same. */
function everyKind(folder: string): readonly Step[] {
  const at = (name: string) => join(folder, name)
  const number = hostValue('number')
  const reload = followUp('reload')
  const template = content('a template\n')
  const hidden = secret('hidden', "PASSWORD=it's $HOME `x`\n", { hidden: ["it's $HOME `x`"] })
  const made = step({
    name: 'made',
    title: 'made',
    as,
    check: sh`test -e ${at('made')}`,
    apply: sh`: >${at('made')}`,
    owes: [reload],
  })
  return [
    step({ name: 'number', title: 'number', as, value: number, check: sh`printf '8\n'` }),
    made,
    step({
      name: 'file',
      title: 'file <number>',
      as,
      data: [template],
      check: sh`[ -f ${at('f')} ] && cmp -s ${template} ${at('f')}`,
      apply: sh`cat ${template} >${at('f')}`,
      preview: sh`printf '+%s\n' ${number}`,
    }),
    step({
      name: 'secret',
      title: 'secret',
      as,
      data: [hidden],
      check: sh`[ -f ${at('s')} ] && cmp -s ${hidden} ${at('s')}`,
      apply: sh`cat ${hidden} | tee ${at('s')}`,
    }),
    step({
      name: 'reloaded',
      title: 'reloaded',
      as,
      after: [made],
      pays: reload,
      apply: sh`printf 'reloaded %s\n' ${number}`,
    }),
    step({
      name: 'look-ups',
      title: 'look-ups',
      as,
      check:
        as === 'root' ? sh`! pkg_installed no-such-package && ! unit_is no-such.service ActiveState active` : sh`true`,
      ...(as === 'root' && { lookups: { packages: ['no-such-package'], units: ['no-such.service'] } }),
    }),
    step({ name: 'chatty', title: 'chatty', as, check: sh`printf 'one\ntwo'; printf '\303\244\377\n' >&2` }),
    step({ name: 'always', title: 'always', as, apply: sh`printf 'done\n'` }),
    step({ name: 'typo', title: 'typo', as, check: sh`test -e ${at('mended')} || exit 7`, apply: sh`:` }),
    step({ name: 'asserted', title: 'asserted', as, after: 'everything', check: sh`test -e ${at('made')}` }),
  ]
}

/** What a person or a program learns, without what differs between two runs of the same. */
function told({ events, ending, requests }: Outcome, folder: string) {
  const whole = events.reduce<readonly Event[]>(withOutputJoined, [])
  const plain = JSON.stringify(whole.map((event) => ({ ...event, took: 0, elapsed: 0 })))
  return { events: JSON.parse(plain.replaceAll(folder, '/folder')), ending, requests }
}

/** What a step prints comes in pieces that only its timing decides. */
function withOutputJoined(events: readonly Event[], event: Event): readonly Event[] {
  const last = events.at(-1)
  if (event.type !== 'step.output' || last?.type !== 'step.output') return [...events, event]
  return [...events.slice(0, -1), { ...last, text: last.text + event.text }]
}

async function history(shell: ShellName) {
  const here = machine(shell)
  const steps = everyKind(here.folder)
  const answers: StepAnswer[] = ['apply', 'skip', 'all']
  const all: unknown[] = []
  const modes: readonly Mode[] = ['dry-run', 'step', 'run', 'run', 'dry-run']
  for (const mode of modes) {
    const outcome = await here.run(steps, { mode, ask: { step: async () => answers.shift() ?? 'abort' } })
    all.push(told(outcome, here.folder))
  }
  const files = readdirSync(here.folder).filter((name) => name.length < 5 && name !== 'bin' && name !== 'run')
  const contents = files.map((name) => `${name}: ${readFileSync(join(here.folder, name), 'utf8')}`)
  await vanish(join(here.folder, 'run'))
  return { all, contents }
}

describe('a program', () => {
  it('says and does the same in dash, bash and busybox: dry, step by step, for real, and again', async () => {
    expect(shells).toEqual(['dash', 'bash', 'busybox'])
    const [dash, bash, busybox] = await Promise.all(shells.map(history))
    expect(dash?.all).toHaveLength(5)
    expect(bash).toEqual(dash)
    expect(busybox).toEqual(dash)
  })
})

describe.each(shells)('a secret in %s', (shell) => {
  it('stands in no journal and in no event, though a step prints it, in the middle of a line or over several', async () => {
    const here = machine(shell)
    const key = '-----BEGIN KEY-----\nMIIE/vg.IB*ADAN[x]\\&\n-----END KEY-----'
    const hidden = secret('hidden', 'x', { hidden: ["it's $HOME/`x`", key, 'finish'] })
    const shown = step({
      name: 'shown',
      title: 'shown',
      as,
      data: [hidden],
      check: sh`printf 'a%sb\n%s\nfinish\n' ${"it's $HOME/`x`"} ${key}; exit 3`,
      apply: sh`:`,
    })
    const { events, ending } = await here.run([shown])
    await vanish(join(here.folder, 'run'))
    const runs = join(here.folder, 'state/runs')
    const journal = readdirSync(runs)
      .map((run) => readFileSync(join(runs, run, 'journal'), 'utf8'))
      .join('')
    expect(ending).toMatchObject({ how: 'failed' })
    expect(journal).toContain('\na***b\n***\n***\n***\n***\n')
    for (const line of ["it's $HOME", ...key.split('\n')]) {
      expect(journal).not.toContain(line)
      expect(JSON.stringify(events)).not.toContain(JSON.stringify(line).slice(1, -1))
    }
  })
})

describe.each(shells)('a person in %s', (shell) => {
  it('stops a run after the step that is running', async () => {
    const here = machine(shell)
    const stop = new AbortController()
    const path = join(here.folder, 'began')
    const steps = [waiting(path), step({ name: 'later', title: 'later', as, check: sh`true` })]
    const run = here.run(steps, { stop: stop.signal })
    await appears(path)
    stop.abort()
    await appears(join(here.folder, 'run'), 'stop')
    rmSync(path)
    expect(await run).toMatchObject({
      verdicts: ['waiting: changed', 'later: skipped'],
      ending: { how: 'interrupted' },
    })
  })

  it('ends the step that is running, and all that it started', async () => {
    const here = machine(shell)
    const kill = new AbortController()
    const path = join(here.folder, 'began')
    const run = here.run([waiting(path)], { kill: kill.signal })
    await appears(path)
    kill.abort()
    expect(await run).toMatchObject({ verdicts: ['waiting: failed'], ending: { how: 'interrupted' } })
  })

  it('is heard, too, when they say it before anything has begun there', async () => {
    const here = machine(shell)
    const path = join(here.folder, 'never')
    const made = step({ name: 'made', title: 'made', as, check: sh`test -e ${path}`, apply: sh`: >${path}` })
    for (const signal of ['stop', 'kill']) {
      await expect(here.run([made], { [signal]: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'interrupted',
        message: 'The run on "here" was interrupted before it began.',
      })
    }
    expect(existsSync(path)).toBe(false)
  })
})

/** Goes on when the file that it made is taken away. */
function waiting(path: string): Step {
  const mark = `${path}.done`
  return step({
    name: 'waiting',
    title: 'waiting',
    as,
    check: sh`test -e ${mark}`,
    apply: sh`: >${path}; while test -e ${path}; do sleep 0.05; done; : >${mark}`,
  })
}

/** A run's own folder goes just after its last word was said. */
async function vanish(runs: string): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (readdirSync(runs).every((name) => name === 'locks')) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`A run left its folder in ${runs}`)
}

async function appears(path: string, below?: string): Promise<void> {
  const isThere = () =>
    below === undefined ? existsSync(path) : readdirSync(path).some((name) => existsSync(join(path, name, below)))
  for (let tries = 0; tries < 2000; tries++) {
    if (isThere()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`${path} does not appear`)
}

describe.each(shells)('a dry run in %s', (shell) => {
  it('announces once what two tasks ask for, and the second time only where something else changes it again', async () => {
    const here = machine(shell)
    const path = join(here.folder, 'made')
    const other = join(here.folder, 'other')
    const made = (name: string, after: readonly Step[] = []) =>
      step({ name, title: name, as, after, check: sh`test -e ${path}`, apply: sh`: >${path}` })
    const changed = step({ name: 'changed', title: 'changed', as, check: sh`test -e ${other}`, apply: sh`: >${other}` })
    const twice = [made('first'), made('second'), made('third')]
    expect((await here.run(twice, { mode: 'dry-run' })).verdicts).toEqual([
      'first: would change',
      'second: met',
      'third: met',
    ])
    expect((await here.run([made('first'), changed, made('second', [changed])], { mode: 'dry-run' })).verdicts).toEqual(
      ['first: would change', 'changed: would change', 'second: after'],
    )
    expect((await here.run(twice)).verdicts).toEqual(['first: changed', 'second: met', 'third: met'])
  })
})
