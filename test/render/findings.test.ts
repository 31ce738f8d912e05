import { expect, it } from 'vitest'
import type { Finding } from '../../src/core/finding.ts'
import { findingLines } from '../../src/render/findings.ts'
import { paintWith } from '../../src/render/style.ts'

const findings: readonly Finding[] = [
  { about: 'web1', title: 'login', status: 'ok', detail: 'as me' },
  { about: 'web1', title: 'disk', status: 'bad', detail: 'full', hint: 'run on the host: df -h /' },
  { about: 'a.example', title: 'DNS', status: 'warn', detail: 'points to \u001b[31mnowhere\u0007' },
  { about: 'a.example', title: 'nginx', status: 'unknown', detail: 'its host was not reached' },
]

it('stand under what they are about, with the way out below; what a host says cannot paint the terminal', () => {
  expect(findingLines(findings, paintWith(false))).toEqual([
    'web1',
    '  ✔ login  as me',
    '  ✖ disk   full',
    '           → run on the host: df -h /',
    '',
    'a.example',
    '  ! DNS    points to nowhere\\x07',
    '  ? nginx  its host was not reached',
    '',
    '1 thing is wrong, 1 warning, 1 not known.',
  ])
})

it('end with what they come to', () => {
  const last = (...statuses: readonly Finding['status'][]) =>
    findingLines(
      statuses.map((status) => ({ about: 'a', title: 'b', status, detail: 'c' })),
      paintWith(false),
    ).at(-1)
  expect(last('ok', 'ok')).toBe('All is well: 2 things looked at.')
  expect(last('ok', 'warn', 'warn')).toBe('Nothing is wrong: 2 warnings.')
  expect(last('unknown')).toBe('Nothing is wrong: 1 not known.')
  expect(last('bad', 'bad')).toBe('2 things are wrong.')
})

it('are broken between words where the terminal is narrow', () => {
  const [, line, rest] = findingLines(
    [{ about: 'a', title: 'b', status: 'ok', detail: 'one two three' }],
    paintWith(false),
    16,
  )
  expect([line, rest]).toEqual(['  ✔ b  one two', '       three'])
})
