import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { secret } from '../../src/core/data.ts'
import { sh } from '../../src/core/sh.ts'
import { step } from '../../src/core/step.ts'
import { afterMarks, environmentLines } from '../../src/steps/environment-file.ts'
import { projectOf } from '../cli/command-line.ts'
import { until } from '../hosts/until.ts'
import { hostileValues } from '../steps/hostile-values.ts'
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

describe.each(shells)('what the sites of a host keep to themselves, in %s', (shell) => {
  const values = { ...hostileValues, UNICODE: 'žluťoučký 🐎 日本語 ', LONG: long }
  const text = fileURLToPath(new URL('../../src/program/runtime/hidden.sh', import.meta.url))
  const files = {
    'env/secret_key': 'a-key-of-fifty-letters\n',
    'env/stage.env': environmentLines({
      ...values,
      DEBUG: 'true',
      SITENAME: 'example.com',
      DATABASE_URL: 'postgres://to:hush%2Fhush@db/to',
    }),
    'env/config.env': environmentLines({ TOKEN: 'set on the host' }),
    'releases/7/env': `${environmentLines({ SETTINGS: 'superlists.settings' })}${afterMarks.stage}\n${environmentLines({ OLD: 'of an older release' })}`,
  }

  it('is hidden value by value and line by line, and what tells nothing is not', () => {
    const site = join(projectOf({}), 'example.com')
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(site, name)), { recursive: true })
      writeFileSync(join(site, name), content)
    }
    const words = shell === 'busybox' ? ['busybox', 'ash'] : [shell]
    const [command = '', ...rest] = words
    const script = `. '${text}'; site_secrets | sort -rn | sed 's/^[0-9]* //'`
    const paths = Object.keys(files).map((name) => `${join(site, name)}\n`)
    const mask = execFileSync(command, [...rest, '-c', script], { input: paths.join('') })
    const told = [
      'a-key-of-fifty-letters, set on the host, of an older release, hush%2Fhush',
      ...Object.values(values).flatMap((value) => value.split(/[\r\n]+/)),
    ]
    writeFileSync(join(site, 'mask'), mask)
    const masked = execFileSync('sed', ['-f', join(site, 'mask')], {
      input: `${told.map((line) => `<${line.trim()}>\n`).join('')}DEBUG=true for example.com, superlists.settings\n`,
      env: { ...process.env, LC_ALL: 'C' },
    }).toString()
    const lines = masked.trimEnd().split('\n')
    expect(lines[0]).toBe('<***, ***, ***, ***>')
    expect(lines.at(-1)).toBe('DEBUG=true for example.com, superlists.settings')
    expect(lines.slice(1, -1).filter((line) => line.replaceAll('***', '').length >= '<four>'.length)).toEqual([])
  })
})
