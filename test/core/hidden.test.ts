import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hiddenTexts } from '../../src/core/hidden.ts'
import { masking } from '../../src/run/mask.ts'
import { hostileValues } from '../steps/hostile-values.ts'

const hiding = (...values: readonly string[]) => masking(hiddenTexts(values))

/** How programs in Python print a value, each without the quotes around it: what stands there must be one mark. */
const spellings = `
import html, json, shlex, sys, urllib.parse
def inner(text): return text[1:-1]
inside = [
    lambda text: inner(repr(text)), lambda text: inner(ascii(text)),
    lambda text: inner(json.dumps(text)), lambda text: inner(json.dumps(text, ensure_ascii=False)),
]
for value in json.load(sys.stdin):
    raw = value.encode()
    print(json.dumps([
        value,
        inner(repr(value)), inner(ascii(value)),
        inner(json.dumps(value)), inner(json.dumps(value, ensure_ascii=False)),
        *(again(once(value)) for again in inside for once in inside),
        urllib.parse.quote(value), urllib.parse.quote(value, safe=""), urllib.parse.quote_plus(value),
        "'" + inner(shlex.quote(value)) + "'" if shlex.quote(value) != value else value,
        html.escape(value),
    ]))
`

function spelledByPython(values: readonly string[]): readonly (readonly string[])[] {
  const said = execFileSync('python3', ['-c', spellings], { input: JSON.stringify(values), maxBuffer: 2 ** 28 })
  return said
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as readonly string[])
}

const isWhole = (value: string) =>
  value.trim() === value &&
  value.length >= 4 &&
  !/[\r\n*]/.test(value) &&
  !/^[[{]|^(true|false|none|null)$/i.test(value)

describe('a hidden value', () => {
  it('is hidden however Python, JSON, URLs, HTML and shells write it', () => {
    const text = fc.oneof(
      fc.string({ minLength: 4, unit: 'binary-ascii' }),
      // Of later characters an older Python does not know that they can be printed.
      fc.string({ minLength: 4, unit: fc.integer({ min: 1, max: 0x4ff }).map((code) => String.fromCodePoint(code)) }),
      fc.string({ minLength: 4, unit: fc.constantFrom(...`ab'"\\/ %&<>+=@:$\`\t#{}é日🐎\u00a0\u200b\u0007`) }),
    )
    const drawn = fc.sample(text, { numRuns: 3000, seed: 41 }).filter((value) => !/[\p{Cn}\0]/u.test(value))
    const values = [...drawn, ...Object.values(hostileValues)].filter(isWhole)
    expect(values.length).toBeGreaterThan(1000)
    const left = spelledByPython(values).flatMap((forms, index) =>
      forms.filter((form) => !/^'?(\*\*\*)+'?$/.test(hiding(values[index] ?? '')(form))),
    )
    expect(left).toEqual([])
  })

  it.each([
    ['postgres://to:hush-hush@db.example.com/to', 'password "hush-hush" of to at db.example.com'],
    ['postgres://to:hu%2Fsh%40%20hush@db/to', "'PASSWORD': 'hu/sh@ hush'"],
    ['postgres://to:hu/sh@hush@db/to', "'PASSWORD': 'hu/sh@hush'"],
    ['redis://:first-one@a,redis://:second-one@b', 'first-one, then second-one'],
    ['https://:tokentoken@git.example.com/x?a=@b', 'tokentoken'],
    ['amqp://u:hush%hush@h', 'hush%hush'],
    [
      '{"type": "key", "inner": [{"private_key": "-----BEGIN-----\\nMIIE=\\n-----END-----\\n"}]}',
      'MIIE=\n-----END-----',
    ],
    ['{"not": json, hush-hush', '{"not": json, hush-hush'],
  ])('is hidden in its parts, too: %s', (value, said) => {
    const masked = hiding(value)(said)
    expect(masked).toContain('***')
    expect(masked).not.toMatch(/hush|hu\/sh|hu%2Fsh|first-one|second-one|token|MIIE|END/)
  })

  it('is hidden where a line of it is cut off', () => {
    const long = Array.from({ length: 16_000 }, (_, index) => `${index}`.padStart(4, '0')).join('')
    for (const cut of [long, long.slice(0, 48_000), long.slice(33_333), long.slice(12_345, 45_678)]) {
      const [, before = '', after = ''] = /^(\d*)\*\*\*(\d*)$/.exec(hiding(long)(cut)) ?? []
      expect(before.length).toBeLessThan(100)
      expect(after.length).toBeLessThan(100)
    }
  })

  it('of several lines is hidden line by line, and without the space around it', () => {
    expect(hiding('  first line\n\tsecond line  \r\n')('said: first line, second line')).toBe('said: ***, ***')
  })

  it('is not looked for where it is too short, or tells nothing', () => {
    const said = 'a yes, an on; DEBUG = True, at localhost: None, info'
    expect(hiding('', 'a', 'on', 'yes', 'true', 'True', 'localhost', ' none ', 'INFO')(said)).toBe(said)
  })

  it('may be a word that stands in any text, and is hidden there', () => {
    expect(hiding('pass')('passing the password')).toBe('***ing the ***word')
  })

  it('never has a line break, and never is shorter than four characters', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (values) => {
        for (const text of hiddenTexts(values)) {
          expect(text).not.toMatch(/[\r\n]/)
          expect(text.length).toBeGreaterThanOrEqual(4)
        }
      }),
    )
  })
})
