import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePastRun, parsePlace, parsePlanLine, planLine } from '../../src/core/past-run.ts'

const words =
  'died 3 run me laptop 2026-11-22T14:02:00Z run-1 deploy a.example in 7 31 ["deploy","v","a title",30,1800]'

describe('a run as its host tells of it', () => {
  it('is read from its words', () => {
    expect(parsePastRun(words)).toEqual({
      run: 'run-1',
      state: 'died',
      changed: 3,
      mode: 'run',
      user: 'me',
      machine: 'laptop',
      since: '2026-11-22T14:02:00Z',
      task: 'deploy',
      site: 'a.example',
      place: { number: 7, of: 31, task: 'deploy', name: 'v', title: 'a title', isAtWork: true },
    })
  })

  it('has all the tasks of a line', () => {
    expect(parsePastRun(words.replace('deploy', 'frontend+deploy'))).toMatchObject({ task: 'frontend deploy' })
  })

  it('has no site and no place where there is none', () => {
    const run = parsePastRun('done 0 step me laptop now run-1 provision - after 0 31')
    expect(run).toMatchObject({ state: 'done', mode: 'step' })
    expect(run).not.toHaveProperty('site')
    expect(run).not.toHaveProperty('place')
  })

  it.each([
    '',
    'splendid 0 run me laptop now run-1 t -',
    'done 0 dry-run me laptop now run-1 t -',
    'done 0 run me laptop',
  ])('is none in %j', (text) => expect(parsePastRun(text)).toBeUndefined())

  it.each(['in 7 31 {}', 'in 7 31 [1,2,3]', 'in x 31 ["a","b","c",1,1]', 'on 7 31 ["a","b","c",1,1]', 'in 7 31 ["a"'])(
    'has no place in %j',
    (text) => expect(parsePlace(text)).toBeUndefined(),
  )
})

describe('a line of a plan', () => {
  it('brings back any name and title, and is one line', () => {
    const text = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
    fc.assert(
      fc.property(text, text, text, fc.nat(), fc.nat(), (task, name, title, check, apply) => {
        const line = planLine({ task, name, title, check, apply })
        expect(line).not.toMatch(/[\r\n\0]/)
        expect(parsePlanLine(line)).toEqual({ task, name, title, check, apply })
      }),
    )
  })
})
