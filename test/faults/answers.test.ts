import { describe, expect, it } from 'vitest'
import { type Truth, wrongAnswers } from './answers.ts'
import type { Answer, Page } from './visitor.ts'

const truth: Truth = {
  kind: 'change',
  versions: new Map([
    [4, 4],
    [5, 5],
  ]),
  rows: [1, 2],
  outage: { from: 100, to: 200 },
}

const whole: Page = { version: 5, package: 5, marks: [5], rows: [1, 2], migrated: [1, 2, 3, 4, 5] }
const old: Page = { ...whole, version: 4, package: 4 }

describe('What a visitor got', () => {
  it('is right from the old release, then from the new one, and nothing while the host was out of reach', () => {
    expect(wrongAnswers([from(4, old), none('ECONNREFUSED', 150), none(502, 199), from(5, whole)], truth)).toEqual([])
  })

  it.each([
    ['another code than its release has', from(5, { ...whole, version: 4 })],
    ['another package than its code', from(5, { ...whole, package: 4 })],
    ['a release that should not serve', from(6, whole)],
    ['one row less', from(5, { ...whole, rows: [1] })],
    ['code before its schema', from(5, { ...whole, migrated: [1, 2, 3, 4] })],
    ['a migration that was done twice', from(5, { ...whole, migrated: [1, 2, 3, 4, 5, 5] })],
    ['another page', { ...from(5, whole), body: 'Welcome to nginx!' }],
    ['an error', none(500, 300)],
    ['no answer, with the host in reach', none('ECONNREFUSED', 300)],
    ['an error of the application, with the host out of reach', none(500, 150)],
  ])('is wrong when it is %s', (_, answer) => {
    expect(wrongAnswers([answer], truth)).toHaveLength(1)
  })

  it('is wrong when the old release answers after the new one', () => {
    expect(wrongAnswers([from(5, whole), from(4, old)], truth)).toEqual(['release 4 answers after release 5'])
  })

  it('may be a closed connection before the first release, and never after', () => {
    const first: Truth = { ...truth, kind: 'first', outage: undefined }
    expect(wrongAnswers([none('ECONNRESET', 10), from(5, whole)], first)).toEqual([])
    expect(wrongAnswers([from(5, whole), none('ECONNRESET', 10)], first)).toHaveLength(1)
    expect(wrongAnswers([none(502, 10)], first)).toHaveLength(1)
  })
})

function from(release: number, page: Page): Answer {
  return { asked: 300, answered: 301, status: 200, release, body: JSON.stringify(page) }
}

function none(status: number | string, asked: number): Answer {
  return { asked, answered: asked + 1, status, release: undefined, body: '' }
}
