import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { sh } from '../../src/core/sh.ts'
import { begunOf, commandBootstrap, commandInput } from '../../src/program/command.ts'
import { shells } from './harness.ts'

const parts = { folders: [], variables: [], files: [], hasTerminal: false }

describe('the line that receives a command', () => {
  it.each([
    ['the login user', commandBootstrap()],
    ['root, who may have to be asked', commandBootstrap({ as: 'root', asks: true })],
    ['another user', commandBootstrap({ as: 'www-data', asks: false })],
  ])('for %s has nothing in it that a login shell could read in another way', (_, line) => {
    const [, ...quoted] = line.split("'")
    expect(quoted.length % 2).toBe(0)
    expect(line.replaceAll("'", '')).not.toMatch(/[\\!\n`]/)
    expect(line.length).toBeLessThan(1500)
  })

  it.each(shells)('runs nothing of what is not whole, in %s', (shell) => {
    const whole = Buffer.from(commandInput({ ...parts, mark: 'tasks-0', command: sh`echo ran` }))
    const receive = /^exec sh -c '(.*)'$/.exec(commandBootstrap())?.[1] ?? ''
    const words = shell === 'busybox' ? ['busybox', 'ash'] : [shell]
    for (let length = 0; length < whole.length; length += 1 + Math.floor(whole.length / 15)) {
      const script = `${words.join(' ')} -c '${receive}'; echo "$?"`
      const said = execFileSync('/bin/sh', ['-c', script], {
        input: whole.subarray(0, length),
        stdio: 'pipe',
      }).toString()
      expect(said).toBe('98\n')
    }
    const said = execFileSync('/bin/sh', ['-c', `${words.join(' ')} -c '${receive}'`], { input: whole, stdio: 'pipe' })
    expect(said.toString()).toMatch(/^tasks-0 begun \d+ \nran\n$/)
  })
})

it('what a host says of a beginning is taken only as far as it can be meant', () => {
  expect(begunOf('begun 12 /dev/shm/tasks.aB3_x9Yz')).toEqual({ session: '12', folder: '/dev/shm/tasks.aB3_x9Yz' })
  expect(begunOf('begun 1;id /dev/../tasks.aB3_x9Yz')).toEqual({ session: '' })
  expect(begunOf('begun - /')).toEqual({ session: '' })
  expect(begunOf('none')).toBeUndefined()
})
