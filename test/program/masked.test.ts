import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { secret } from '../../src/core/data.ts'
import { sh } from '../../src/core/sh.ts'
import { step } from '../../src/core/step.ts'
import { until } from '../hosts/until.ts'
import { machine, shells } from './harness.ts'

const long = Array.from({ length: 16_000 }, (_, index) => `${index}`.padStart(4, '0')).join('')
const values = ['postgres://to:hu%2Fsh@db/to', 'žluť "hush"\\', "it's $(hush) [a-z]* ^$", 'hush%hush & co', long]
const said = [
  "the password of to is 'hu/sh', from hu%2Fsh",
  'environ({"NAME": "žluť \\"hush\\"\\\\"}), \\u017elu\\u0165 \\"hush\\"\\\\, %C5%BElu%C5%A5+%22hush%22%5C',
  `it's $(hush) [a-z]* ^$, 'it'\\''s $(hush) [a-z]* ^$', it%27s%20%24%28hush%29%20%5Ba-z%5D%2A%20%5E%24`,
  'hush%hush &amp; co, hush%hush & co.',
  `long ${long} and cut ${long.slice(5000, 53_000)}.`,
]

describe.each(shells)('what a step prints in %s', (shell) => {
  it('has no hidden value in the journal, however it is written', async () => {
    const here = machine(shell)
    const hidden = secret('hidden', 'x', { hidden: values })
    const text = secret('said', said.map((line) => `${line}\n`).join(''), { hidden: [] })
    const shown = step({ name: 'shown', title: 'shown', data: [hidden, text], check: sh`cat -- ${text}`, apply: sh`:` })
    await here.run([shown])
    const runs = join(here.folder, 'state/runs')
    const [run = ''] = readdirSync(runs)
    await until(() => existsSync(join(runs, run, 'finished')))
    const journal = readFileSync(join(runs, run, 'journal'), 'utf8')
    expect(journal).toContain("the password of to is '***', from ***\n")
    expect(journal).toContain('environ({"NAME": "***"}), ***, ***\n')
    expect(journal).toContain("***, '***', ***\n")
    expect(journal).toContain('***, ***.\n')
    expect(journal).toMatch(/long \*\*\* and cut \d{0,99}\*\*\*\d{0,99}\.\n/)
  })
})
