import { expect, it } from 'vitest'
import { content, hiddenIn, secret } from '../../src/core/data.ts'

it('names contents by their bytes', () => {
  expect(content('x').id).toBe(content(new TextEncoder().encode('x')).id)
  expect(content('x').id).not.toBe(content('y').id)
})

it('hides each value of a secret and each line of it, the longest first, and nothing that hides half of every text', () => {
  const pem = '-----BEGIN-----\nMIIEvg\n-----END-----\n'
  const data = [content('open'), secret('a', 'A=hush\nB=no\n', { hidden: ['hush', 'no'] }), secret('b', pem)]
  expect(hiddenIn(data)).toEqual(['-----BEGIN-----', '-----END-----', 'MIIEvg', 'hush'])
})
