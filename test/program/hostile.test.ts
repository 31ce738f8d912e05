import { randomBytes } from 'node:crypto'
import { lstat, readFile, readlink } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { content } from '../../src/core/data.ts'
import { sh } from '../../src/core/sh.ts'
import { hostValue, type Step, step } from '../../src/core/step.ts'
import { directory } from '../../src/steps/directory.ts'
import { file } from '../../src/steps/file.ts'
import { lineInFile } from '../../src/steps/line-in-file.ts'
import { symlink } from '../../src/steps/symlink.ts'
import { hostileValues } from '../steps/hostile-values.ts'
import { machine, shells } from './harness.ts'

const as = userInfo().username
const values = Object.values(hostileValues)

/** What a path's part may hold, as long as a name may be. */
const names = values
  .map((value) => value.replaceAll('/', '∕').slice(0, 60))
  .filter((name) => Buffer.byteLength(name) < 250 && !['', '.', '..'].includes(name))

describe.each(shells)('hostile values in %s', (shell) => {
  it('arrive byte for byte: contents, names, targets, lines', async () => {
    const here = machine(shell)
    const at = (kind: string, index: number, name = '') => join(here.folder, `${kind}${index}`, name)
    const lines = values.filter((value) => value !== '' && !/[\r\n]/.test(value))
    const steps: readonly Step[] = [
      ...names.flatMap((name, index) => [
        directory({ path: at('d', index, name), as }),
        file({ path: at('d', index, join(name, name)), content: content(`${values[index]}`), as }),
        symlink({ path: at('d', index, 'link'), target: `${name}/x`, as }),
      ]),
      ...lines.map((line, index) => lineInFile({ path: at('lines', index), line, as })),
    ]
    const first = await here.run(steps)
    expect(first.verdicts.filter((verdict) => !verdict.endsWith(': changed'))).toEqual([])
    for (const [index, name] of names.entries()) {
      expect((await lstat(at('d', index, name))).isDirectory()).toBe(true)
      expect(await readFile(at('d', index, join(name, name)), 'utf8')).toBe(`${values[index]}`)
      expect(await readlink(at('d', index, 'link'))).toBe(`${name}/x`)
    }
    for (const [index, line] of lines.entries()) expect(await readFile(at('lines', index), 'utf8')).toBe(`${line}\n`)
    const again = await here.run(steps)
    expect(again.verdicts.filter((verdict) => !verdict.endsWith(': met'))).toEqual([])
  })

  it('arrive byte for byte when they are five megabytes of anything, in one file and in many words', async () => {
    const here = machine(shell)
    const bytes = randomBytes(5 * 1024 * 1024 + 7)
    const long = "it's $(long) \\".repeat(40_000)
    const steps = [
      file({ path: join(here.folder, 'large'), content: content(bytes), as }),
      step({
        name: 'word',
        title: 'word',
        as,
        check: sh`[ -f ${join(here.folder, 'word')} ] || exit 1`,
        apply: sh`printf %s ${long} >${join(here.folder, 'word')}`,
      }),
    ]
    expect((await here.run(steps)).verdicts.map((verdict) => verdict.split(': ')[1])).toEqual(['changed', 'changed'])
    expect((await readFile(join(here.folder, 'large'))).equals(bytes)).toBe(true)
    expect(await readFile(join(here.folder, 'word'), 'utf8')).toBe(long)
  })

  it('are one word as host values, too, with every newline a blank', async () => {
    const here = machine(shell)
    const text = fc.string({ unit: 'binary', maxLength: 20 }).map((value) => value.replaceAll('\0', ''))
    const random = fc.sample(text, { numRuns: 20, seed: 7 })
    const steps = [...values.filter((value) => value.length < 1000), ...random].flatMap((value, index) => {
      const name = hostValue(`v${index}`)
      const expected = value.replace(/\n+$/, '').replaceAll('\n', ' ')
      return [
        step({ name: `set ${index}`, title: 'set', as, value: name, check: sh`printf %s ${value}` }),
        step({ name: `seen ${index}`, title: 'seen', as, check: sh`test ${name} = ${expected}` }),
      ]
    })
    const { verdicts } = await here.run(steps)
    expect(verdicts.filter((verdict) => !verdict.endsWith(': met'))).toEqual([])
  })
})

describe('what cannot arrive', () => {
  it.each<readonly [string, () => unknown, string]>([
    ['a NUL in a path', () => file({ path: '/etc/a\0b', content: content(''), as }), 'Cannot use "/etc/a\\u0000b'],
    [
      'a path that is not absolute',
      () => file({ path: 'etc/motd', content: content(''), as }),
      'Cannot use the path "etc/motd" on a host, because it is not absolute.',
    ],
    [
      'a line that is two',
      () => lineInFile({ path: '/etc/motd', line: 'one\ntwo', as }),
      'Cannot put a line into "/etc/motd", because it has a line break or NUL in it.',
    ],
  ])('is refused before anything is sent: %s', async (_, make, message) => {
    const run = async () => {
      const made = make() as Step
      await machine('dash').run([made])
    }
    await expect(run()).rejects.toThrow(message)
  })
})
