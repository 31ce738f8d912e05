import { expect, it } from 'vitest'
import { duration, wholeSeconds } from '../../src/render/duration.ts'

it.each([
  [0, '0.0 s'],
  [42, '0.0 s'],
  [350, '0.4 s'],
  [12_345, '12.3 s'],
  [19_949, '19.9 s'],
  [19_960, '20 s'],
  [41_200, '41 s'],
  [59_700, '1 min'],
  [125_000, '2 min 5 s'],
  [3_840_000, '1 h 4 min'],
  [7_200_000, '2 h'],
])('%i ms is %s', (milliseconds, text) => expect(duration(milliseconds)).toBe(text))

it('has no tenths on a running clock', () => expect(wholeSeconds(12_345)).toBe('12 s'))
