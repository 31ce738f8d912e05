import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { content, secret } from '../../src/core/data.ts'
import { sh } from '../../src/core/sh.ts'
import { hostValue, type Step, step } from '../../src/core/step.ts'
import { compile } from '../../src/program/compile.ts'
import type { Section } from '../../src/program/program.ts'

const options = { host: 'web1', loginUser: 'elspeth', style: 'wire' } as const
const made = (parts: Partial<Step> & { readonly name: string }) =>
  step({ title: parts.name, check: sh`true`, ...(parts as object) } as Parameters<typeof step>[0])
const compiled = (...sections: readonly (readonly Step[])[]) =>
  compile(
    sections.map((steps, index): Section => ({ task: `task${index}`, summary: '', steps })),
    options,
  )

describe('a program', () => {
  it('is the same text for the same steps, and every shell can parse it', () => {
    const steps = () => [made({ name: "it's $(x)\n`y`" }), made({ name: 'other', apply: sh`echo ${"a'b\n"}` })]
    const { text } = compiled(steps())
    expect(compiled(steps()).text).toBe(text)
    for (const shell of [['dash'], ['bash', '--posix'], ['busybox', 'sh']])
      execFileSync(shell[0] ?? '', [...shell.slice(1), '-n'], { input: text })
  })

  it('holds no secret', () => {
    const hidden = secret('dotenv', 'tr0ub4dor')
    const { text } = compiled([made({ name: 'env', data: [hidden], check: sh`grep -q x ${hidden}` })])
    expect(text).not.toContain('tr0ub4dor')
    expect(text).toContain('data secret dotenv 9 root')
  })

  it('needs root when a step is for another user than the one who logs in', () => {
    expect(compiled([made({ name: 'mine', as: 'elspeth' })]).needsRoot).toBe(false)
    expect(compiled([made({ name: 'mine', as: 'elspeth' }), made({ name: 'theirs', as: 'deploy' })]).needsRoot).toBe(
      true,
    )
  })

  it('lets two tasks have a step of the same name', () => {
    expect(compiled([made({ name: 'home' })], [made({ name: 'home' })]).steps.map(({ id }) => id)).toEqual([
      'task0/home',
      'task1/home',
    ])
  })

  const later = made({ name: 'later' })
  it.each<readonly [string, () => unknown, string]>([
    [
      'a name that a task has twice',
      () => compiled([made({ name: 'a' }), made({ name: 'a' })]),
      'Two steps are called "task0/a": a step\'s name is unique in its task.',
    ],
    [
      'a step after a later one',
      () => compiled([made({ name: 'a', after: [later] }), later]),
      'The step "task0/a" is after "later", which does not come before it.',
    ],
    [
      'a step after itself elsewhere',
      () => compiled([made({ name: 'a', after: [later] })]),
      'The step "task0/a" is after "later", which does not come before it.',
    ],
    [
      'a host value before it is set',
      () => compiled([made({ name: 'a', check: sh`test ${hostValue('home')}` })]),
      'The step "task0/a" uses <home>, which no step before it has set or listed as data.',
    ],
    [
      'data that no step lists',
      () => compiled([made({ name: 'a', apply: sh`cat ${content('x')}` })]),
      'The step "task0/a" uses <content>, which no step before it has set or listed as data.',
    ],
    [
      'look-ups by another user',
      () => compiled([made({ name: 'a', as: 'elspeth', lookups: { packages: ['git'], units: [], files: [] } })]),
      'The step "task0/a" looks up packages or units, which only a step of root can do.',
    ],
    [
      'a function by the name of one of its own',
      () => compiled([made({ name: 'a', uses: [sh`say() { :; }`] })]),
      'A step brings a shell function "say", and the program has one of that name itself.',
    ],
    [
      'a secret with two readers',
      () => compiled(['one', 'two'].map((as) => made({ name: as, as, data: [secret('s', 'hush')] }))),
      'The secret "s" is read by one and two: a secret has one reader besides root.',
    ],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(new TypeError(message))
  })
})
