import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sh } from '../../src/core/sh.ts'
import { followUp, step } from '../../src/core/step.ts'
import { type Machine, machine, shells } from './harness.ts'

const reload = followUp('reload')
const pay = step({ name: 'reload', title: 'reloaded', pays: reload, apply: sh`:` })

/** What a run that this process, or one that is no more, has not paid yet. */
function owedBy(run: string, pid: number, { folder }: Machine): string {
  mkdirSync(join(folder, 'run', run), { recursive: true })
  writeFileSync(join(folder, 'run', run, 'pid'), `${pid}\n`)
  mkdirSync(join(folder, 'state/owed'), { recursive: true })
  const note = join(folder, 'state/owed', `reload~${run}`)
  writeFileSync(note, '')
  return note
}

describe.each(shells)('in %s, a follow-up', (shell) => {
  it('that a living run owes is left to that run, whose change may be yet to come', async () => {
    const here = machine(shell)
    const note = owedBy('other', process.pid, here)
    const change = step({ name: 'config', title: 'c', owes: [reload], apply: sh`:` })
    expect((await here.run([pay])).verdicts).toEqual(['reload: met'])
    const { verdicts, ending } = await here.run([change, { ...pay, after: [change] }])
    expect([verdicts, ending]).toEqual([['config: changed', 'reload: changed'], { kind: 'finished', how: 'done' }])
    expect(existsSync(note)).toBe(true)
  })

  it('that a dead run owes is paid', async () => {
    const here = machine(shell)
    const note = owedBy('dead', 2 ** 22 + 1, here)
    expect((await here.run([pay])).verdicts).toEqual(['reload: changed'])
    expect(existsSync(note)).toBe(false)
    expect((await here.run([pay])).verdicts).toEqual(['reload: met'])
  })
})
