import fc from 'fast-check'
import { expect, it } from 'vitest'
import { withIgnored } from '../../src/init/gitignore.ts'
import { literal, written } from '../../src/init/written.ts'

it('is on one line where it fits, and else a line for each part', () => {
  expect(written({ web1: { address: '203.0.113.10', port: 22 } }, 2)).toBe(
    "{ web1: { address: '203.0.113.10', port: 22 } }",
  )
  expect(written({ a: {}, b: [], c: undefined }, 0)).toBe('{ a: {}, b: [] }')
  const names = ['a', 'b', 'c', 'd'].map((letter) => `${letter.repeat(20)}.example`)
  expect(written({ 'x.example': { aliases: names } }, 2)).toBe(`{
    'x.example': {
      aliases: [
        ${names.map((name) => `'${name}',`).join('\n        ')}
      ],
    },
  }`)
})

it('is read back as it was, whatever is in it', () => {
  const text = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        fc.dictionary(
          text.filter((key) => key !== '__proto__'),
          text,
          { noNullPrototype: true },
        ),
      ),
      (value) => {
        const read: unknown = new Function(`return ${written(value, 0)}`)()
        expect(read).toEqual(value)
      },
    ),
  )
  expect(literal("it's\n\u2028")).toBe("'it\\'s\\n\\u2028'")
})

it('names a file in a .gitignore, and nothing else', () => {
  expect(withIgnored('', '.env.staging')).toBe('.env.staging\n')
  expect(withIgnored('a', './config/.env')).toBe('a\n/config/.env\n')
  expect(withIgnored('', '#[x] *?')).toBe('\\#\\[x\\] \\*\\?\n')
  expect(withIgnored('', '!a\\b ')).toBe('\\!a\\\\b\\ \n')
})
