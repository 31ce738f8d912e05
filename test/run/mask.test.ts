import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hiddenIn, secret } from '../../src/core/data.ts'
import { masking } from '../../src/run/mask.ts'

const hiding = (...values: readonly string[]) => masking(hiddenIn([secret('s', '', { hidden: values })]))

it('hides each occurrence of each value, the longer one where one is inside the other', () => {
  expect(hiding('hush', 'hush-hush')('hush-hush hush, not hus')).toBe('*** ***, not hus')
})

it('takes a value for text, whatever a pattern would read in it', () => {
  expect(hiding('a.c*[$]^(x)|{}?+\\')('abc a.c*[$]^(x)|{}?+\\')).toBe('abc ***')
})

it('hides a value of several lines line by line', () => {
  expect(hiding('-----BEGIN-----\nMIIE\n')('said: -----BEGIN-----\r\nMIIE')).toBe('said: ***\r\n***')
})

it('leaves no value in any text', () => {
  const value = fc
    .string({ minLength: 4, maxLength: 12 })
    .filter((text) => text.trim() === text && !/[\r\n*]/.test(text))
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), fc.array(fc.string()), (values, texts) => {
      const masked = hiding(...values)(
        texts.flatMap((text, index) => [text, values[index % values.length] ?? '']).join(''),
      )
      for (const hidden of values) expect(masked).not.toContain(hidden)
    }),
  )
})

it('leaves a text alone when there is nothing to hide, and what is too short to hide', () => {
  expect(masking([])('text')).toBe('text')
  expect(hiding('', 'on', 'yes')('yes, on')).toBe('yes, on')
})
