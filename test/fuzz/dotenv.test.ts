import { execFileSync } from 'node:child_process'
import { parseEnv } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTasksError } from '../../src/core/errors.ts'
import { stageVariables } from '../../src/steps/dotenv.ts'
import { assignmentsIn } from '../../src/steps/dotenv-text.ts'
import { environmentLines } from '../../src/steps/environment-file.ts'
import { shells } from '../program/harness.ts'

const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/).filter((text) => !/^(PYTHONPATH|VIRTUAL_ENV)$/.test(text))
const letter = fc.constantFrom(...'ab=#$`\'"\\ \t\n\r{}()%!*~;&|<>é🐎\u00a0\u2028\u001b', '\\n', '\r\n', '$(id)')
const value = fc.oneof(fc.string({ unit: letter }), fc.string({ unit: 'grapheme' }))

/** Text that is nearly a dotenv file: each piece is right in some places and wrong in others. */
const nearly = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'A=',
        'B =',
        ' export C=',
        'export ',
        '=',
        '\n',
        '\r\n',
        '\r',
        ' #',
        '#',
        '"',
        "'",
        '`',
        '\\',
        '\\n',
        ' ',
      ),
      fc.string({ maxLength: 6 }),
      name,
    ),
    { maxLength: 24 },
  )
  .map((pieces) => pieces.join(''))

/** Each way to write a value that every reader understands, where there is one. */
function written(text: string, style: number): string | undefined {
  const quotes = ["'", '"', '`'].filter((quote) => !text.includes(quote) && !(quote === '"' && text.includes('\\n')))
  const isPlain = !/[#\n\r]/.test(text) && text.trim() === text && !/^["'`]/.test(text) && !/^\s|\s$/.test(text)
  const ways = [...quotes.map((quote) => quote + text + quote), ...(isPlain ? [text] : [])]
  return ways[style % Math.max(1, ways.length)]
}

/** What a text comes to: its variables, or the sentence that refuses it. */
function outcome(bytes: Uint8Array): { readonly lines?: string; readonly refused?: string } {
  try {
    return { lines: Buffer.from(stageVariables(bytes, '.env').lines.bytes).toString() }
  } catch (error) {
    if (!isTasksError(error)) throw error
    return { refused: error.message }
  }
}

describe('a dotenv file', () => {
  it('gives back each value as it was written, between comments, in any quotes that hold it', () => {
    const entry = fc.record({
      name,
      value,
      style: fc.nat(4),
      around: fc.constantFrom<(readonly [string, string])[]>(
        ['', '\n'],
        ['export ', ' # b="c\n'],
        ['# x=1\n\n\t', ' \t\r\n'],
        ['  ', '\n\n'],
      ),
    })
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
        const able = entries.flatMap((each) => {
          const said = written(each.value, each.style)
          return said === undefined ? [] : [{ ...each, said }]
        })
        const text = able
          .map(({ name: key, said, around: [before, after] }) => `${before}${key} = ${said}${after}`)
          .join('')
        const read = assignmentsIn(text, '.env').map(({ name: key, value: found }) => [key, found])
        expect(read).toEqual(able.map(({ name: key, value: wanted }) => [key, wanted.replaceAll('\r\n', '\n')]))
      }),
      { numRuns: 10_000 },
    )
  })

  it('is read as Node reads it, or refused with the line and without a value', () => {
    fc.assert(
      fc.property(nearly, (text) => {
        try {
          const read = Object.fromEntries(
            assignmentsIn(text, '.env').map(({ name: key, value: found }) => [key, found]),
          )
          // Node forgets each carriage return, and takes comments, blank lines and a second space behind "export" for names.
          if (!/\r|^[ \t]*#|^ +$|export {2}/m.test(text)) expect(read).toEqual({ ...parseEnv(text) })
        } catch (error) {
          if (!isTasksError(error)) throw error
          expect(error.message).toMatch(/^\.env:\d+: cannot read (the line|"[\w.-]+"), because [^\n]*\.$/)
        }
      }),
      { numRuns: 15_000, seed: 45 },
    )
  })

  it('of any bytes is variables that a process can have, or is refused in one clean sentence', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text)),
      fc.tuple(name, fc.string({ unit: 'binary' })).map(([key, text]) => Buffer.from(`${key}=${text}`)),
      nearly.map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(bytes, (file) => {
        const { lines, refused } = outcome(file)
        if (refused !== undefined) {
          expect(refused).toMatch(/^(\.env:\d+: cannot (read|use) .*, because|Cannot read \.env, because) .*\.$/)
          expect(refused).not.toMatch(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/u)
        } else {
          expect(lines).toMatch(/^(?:[A-Za-z_]\w*='[^'\0]*(?:'"'"'[^'\0]*)*'\n)*$/)
        }
      }),
      { numRuns: 15_000 },
    )
  })

  it('runs nothing and puts nothing where it was not meant, whatever it names', () => {
    const { lines } = outcome(Buffer.from('__proto__=x\nconstructor=y\ntoString=$(touch /tmp/never)\n'))
    expect(lines).toBe("__proto__='x'\nconstructor='y'\ntoString='$(touch /tmp/never)'\n")
    expect({}).not.toHaveProperty('x')
    expect(Object.prototype.toString.call({})).toBe('[object Object]')
  })

  it('of five megabytes is read in one go, or refused', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => `NAME_${index}='${'x'.repeat(30)}'\n`).join('')
    expect(outcome(Buffer.from(many)).lines).toHaveLength(many.length)
    expect(outcome(Buffer.from(`A="${'x\n'.repeat(2_500_000)}`)).refused).toBe(
      '.env:1: cannot read "A", because its quote is never closed.',
    )
    expect(outcome(Buffer.from('#'.repeat(5_000_000))).lines).toBe('')
    expect(outcome(Buffer.from('x'.repeat(5_000_000))).refused).toBe(
      '.env:1: cannot read the line, because it is neither NAME=value nor a comment.',
    )
  })
})

describe.each(shells)('a dotenv file whose values any shell takes for text, read by %s', (shell) => {
  it('says the same to it', () => {
    const plain = fc.stringMatching(/^[\w./:@%+,-]{0,12}$/)
    const single = fc.string({ unit: letter }).filter((text) => !/['\r]/.test(text))
    const double = fc.string({ unit: letter }).filter((text) => !/["$`\\\r]/.test(text))
    const said = fc.oneof(
      plain,
      single.map((text) => `'${text}'`),
      double.map((text) => `"${text}"`),
    )
    const lines = fc.sample(said, { numRuns: 1500, seed: 43 }).map((text, index) => `export V${index}=${text} # V=1\n`)
    const names = lines.map((_, index) => `V${index}`)
    const script = `${lines.join('')}for name in ${names.join(' ')}; do eval "printf '%s.\\\\0' \\"\\$$name\\""; done`
    const [command = '', ...words] = shell === 'busybox' ? ['busybox', 'ash'] : [shell]
    const heard = execFileSync(command, words, { input: script }).toString().split('.\0').slice(0, -1)
    expect(assignmentsIn(lines.join(''), '.env').map(({ value: read }) => read)).toEqual(heard)
  })

  it('becomes lines that it reads as the same values', () => {
    const values = fc.sample(value, { numRuns: 1500, seed: 44 }).filter((text) => !text.includes('\0'))
    const named = Object.fromEntries(values.map((text, index) => [`V${index}`, text]))
    const script = `${environmentLines(named)}for name in ${Object.keys(named).join(' ')}; do eval "printf '%s.\\\\0' \\"\\$$name\\""; done`
    const [command = '', ...words] = shell === 'busybox' ? ['busybox', 'ash'] : [shell]
    const heard = execFileSync(command, words, { input: script }).toString().split('.\0').slice(0, -1)
    expect(heard).toEqual(values)
  })
})
