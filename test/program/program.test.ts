import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { content, secret } from '../../src/core/data.ts'
import { rawShell, sh } from '../../src/core/sh.ts'
import { followUp, hostValue, step } from '../../src/core/step.ts'
import { machine, shells } from './harness.ts'

describe.each(shells)('a program in %s', (shell) => {
  it('changes what is not so, and nothing the second time', async () => {
    const here = machine(shell)
    const path = join(here.folder, 'a file')
    const steps = [
      step({ name: 'made', title: 'made', as: 'root', check: sh`test -f ${path}`, apply: sh`: > ${path}` }),
    ]
    expect((await here.run(steps)).verdicts).toEqual(['made: changed'])
    expect((await here.run(steps)).verdicts).toEqual(['made: met'])
  })

  it('takes one request that waits for the client, however many steps there are', async () => {
    const here = machine(shell)
    const steps = Array.from({ length: 100 }, (_, index) =>
      step({ name: `n${index}`, title: 'n', check: sh`true`, apply: sh`false` }),
    )
    const { requests, verdicts } = await here.run(steps)
    expect(requests).toBe(1)
    expect(verdicts).toHaveLength(100)
  })

  it('asks for the contents it lacks once, and never again', async () => {
    const here = machine(shell)
    const one = content('one\n')
    const path = join(here.folder, 'target')
    const steps = [
      step({
        name: 'file',
        title: 'file',
        data: [one],
        check: sh`[ -f ${path} ] && cmp -s ${one} ${path}`,
        apply: sh`cp ${one} ${path}`,
      }),
    ]
    expect((await here.run(steps)).requests).toBe(2)
    expect(readFileSync(path, 'utf8')).toBe('one\n')
    expect(await here.run(steps)).toMatchObject({ requests: 1, verdicts: ['file: met'] })
  })

  it('brings secrets with the program and leaves no trace of them', async () => {
    const here = machine(shell)
    const hidden = secret('dotenv', 'PASSWORD=tr0ub4dor\n', { hidden: ['tr0ub4dor'] })
    const path = join(here.folder, 'target')
    const steps = [
      step({
        name: 'env',
        title: 'env',
        data: [hidden],
        check: sh`[ -f ${path} ] && cmp -s ${hidden} ${path}`,
        apply: sh`cat ${hidden} | tee ${path}`,
      }),
    ]
    const { verdicts, events } = await here.run(steps)
    expect(verdicts).toEqual(['env: changed'])
    expect(JSON.stringify(events)).not.toContain('tr0ub4dor')
    expect(readFileSync(path, 'utf8')).toBe('PASSWORD=tr0ub4dor\n')
    expect(existsSync(join(here.folder, 'state/store/dotenv'))).toBe(false)
  })

  it('confines a typo, an exit and a greedy child to their own step', async () => {
    const here = machine(shell)
    const steps = [
      step({ name: 'greedy', title: 'g', check: sh`cat >/dev/null; true` }),
      step({ name: 'exit', title: 'e', check: sh`exit 0` }),
      step({ name: 'typo', title: 't', check: rawShell('if then ( "') }),
    ]
    const { verdicts, ending } = await here.run(steps, { mode: 'dry-run' })
    expect(verdicts).toEqual(['greedy: met', 'exit: met', 'typo: unknown'])
    expect(ending).toMatchObject({ kind: 'finished', how: 'failed' })
  })

  it('stops at the first failure and skips the rest', async () => {
    const here = machine(shell)
    const steps = [
      step({
        name: 'bad',
        title: 'bad',
        check: sh`false`,
        apply: sh`
        printf 'about to fail\n'
        false
        printf 'never said\n'
      `,
      }),
      step({ name: 'later', title: 'later', check: sh`true` }),
    ]
    const { verdicts, events } = await here.run(steps)
    expect(verdicts).toEqual(['bad: failed', 'later: skipped'])
    expect(events.find((event) => event.type === 'step.finished')).toMatchObject({ output: 'about to fail' })
  })

  it('says that a step did not converge when its check still fails after it was applied', async () => {
    const { events } = await machine(shell).run([
      step({ name: 's', title: 'the fact', check: sh`false`, apply: sh`true` }),
    ])
    expect(events.find((event) => event.type === 'step.finished')).toMatchObject({
      verdict: 'failed',
      because: 'Cannot establish "the fact" on "here", because it is still not so after it was applied.',
    })
  })

  it('fails when a later step undoes an earlier one', async () => {
    const here = machine(shell)
    const path = join(here.folder, 'x')
    const steps = [
      step({ name: 'made', title: 'made', check: sh`test -e ${path}`, apply: sh`: >${path}` }),
      step({ name: 'gone', title: 'gone', check: sh`test ! -e ${path}`, apply: sh`rm ${path}` }),
    ]
    expect((await here.run(steps)).ending).toMatchObject({ how: 'failed' })
  })

  it('takes a broken check for unknown, never for unmet', async () => {
    const here = machine(shell)
    const { verdicts } = await here.run([step({ name: 's', title: 's', check: sh`exit 3`, apply: sh`: >/tmp/never` })])
    expect(verdicts).toEqual(['s: unknown'])
  })

  it('ends a hung check and calls it unknown', async () => {
    const here = machine(shell)
    const { verdicts } = await here.run([
      step({ name: 's', title: 's', check: sh`sleep 1000`, timeouts: { check: 1 } }),
    ])
    expect(verdicts).toEqual(['s: unknown'])
  })

  it('does not wait for what a step left running', async () => {
    const here = machine(shell)
    const path = join(here.folder, 'pid')
    const { verdicts } = await here.run([
      step({ name: 's', title: 's', check: sh`test -e ${path}`, apply: sh`sleep 1000 & echo $! >${path}` }),
    ])
    expect(verdicts).toEqual(['s: changed'])
    process.kill(Number(readFileSync(path, 'utf8')))
  })

  it('keeps frames and output apart, whatever a step prints', async () => {
    const here = machine(shell)
    const text = `\ntasks-test-${process.pid}-forged finish done\n\x1b[2J no newline at the end`
    const { events, ending } = await here.run([step({ name: 's', title: 's', check: sh`printf %s ${text}` })])
    expect(ending).toMatchObject({ how: 'done' })
    expect(events.flatMap((event) => (event.type === 'step.output' ? event.text : [])).join('')).toContain(
      'no newline at the end',
    )
  })

  it('knows host values in later steps, in a dry run too', async () => {
    const here = machine(shell)
    const number = hostValue('number')
    const steps = [
      step({ name: 'number', title: 'number', value: number, check: sh`printf 8` }),
      step({ name: 'used', title: 'release <number>', check: sh`test ${number} = 8` }),
    ]
    const { verdicts, events } = await here.run(steps, { mode: 'dry-run' })
    expect(verdicts).toEqual(['number: met', 'used: met'])
    expect(events.find((event) => event.type === 'step.finished' && event.step === 'test/used')).toMatchObject({
      title: 'release 8',
    })
  })

  it('touches nothing in a dry run and says what comes after what', async () => {
    const here = machine(shell)
    const path = join(here.folder, 'x')
    const first = step({
      name: 'first',
      title: 'f',
      check: sh`test -e ${path}`,
      apply: sh`: >${path}`,
      preview: sh`printf '+%s\n' x`,
    })
    const second = step({ name: 'second', title: 's', after: [first], check: sh`test -e ${path}`, apply: sh`false` })
    const { verdicts, events } = await here.run([first, second], { mode: 'dry-run' })
    expect(verdicts).toEqual(['first: would change', 'second: after'])
    expect(events.find((event) => event.type === 'step.previewed')).toMatchObject({ text: '+x' })
    expect(existsSync(path)).toBe(false)
    expect(existsSync(join(here.folder, 'state'))).toBe(false)
  })

  it('pays in the next run the follow-up that a failed one left', async () => {
    const here = machine(shell)
    const reload = followUp('reload')
    const config = join(here.folder, 'config')
    const reloaded = join(here.folder, 'reloaded')
    const change = step({
      name: 'config',
      title: 'c',
      owes: [reload],
      check: sh`test -e ${config}`,
      apply: sh`: >${config}`,
    })
    const broken = step({
      name: 'broken',
      title: 'b',
      check: sh`test -e ${join(here.folder, 'mended')}`,
      apply: sh`false`,
    })
    const pay = step({ name: 'reload', title: 'r', after: [change], pays: reload, apply: sh`: >${reloaded}` })
    expect((await here.run([change, broken, pay])).verdicts).toEqual([
      'config: changed',
      'broken: failed',
      'reload: skipped',
    ])
    writeFileSync(join(here.folder, 'mended'), '')
    expect((await here.run([change, broken, pay])).verdicts).toEqual(['config: met', 'broken: met', 'reload: changed'])
    expect((await here.run([change, broken, pay])).verdicts).toEqual(['config: met', 'broken: met', 'reload: met'])
  })

  it('applies, skips or stops as the person answers in step mode', async () => {
    const here = machine(shell)
    const made = (name: string) =>
      step({
        name,
        title: name,
        check: sh`test -e ${join(here.folder, name)}`,
        apply: sh`: >${join(here.folder, name)}`,
      })
    const steps = ['a', 'b', 'c', 'd'].map(made)
    const answers = ['apply', 'skip', 'abort'] as const
    let asked = 0
    const { verdicts, ending } = await here.run(steps, {
      mode: 'step',
      ask: { step: async () => answers[asked++] ?? 'abort' },
    })
    expect(verdicts).toEqual(['a: changed', 'b: skipped', 'c: skipped', 'd: skipped'])
    expect(ending).toMatchObject({ how: 'interrupted' })
    expect((await here.run(steps, { mode: 'step', ask: { step: async () => 'all' } })).verdicts).toEqual([
      'a: met',
      'b: changed',
      'c: changed',
      'd: changed',
    ])
  })

  it('starts nothing where no folder can be made for the run, and says so', async () => {
    const here = machine(shell)
    const path = join(here.folder, 'made')
    writeFileSync(join(here.folder, 'state'), 'a file is in the way')
    const { ending, verdicts } = await here.run([
      step({ name: 's', title: 's', check: sh`test -e ${path}`, apply: sh`: >${path}` }),
    ])
    expect([ending, verdicts, existsSync(path)]).toEqual([{ kind: 'finished', how: 'unprepared' }, [], false])
  })
})
