import type { Secret } from '../../src/core/data.ts'
import type { Param, ParamValues } from '../../src/core/task.ts'
import { defineTask, param } from '../../src/index.ts'

// What the compiler must refuse, and what it must infer: `npm run check:types` is this file's test.

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const is = <T extends true>(_?: T): void => undefined

const params = {
  site: param.site(),
  text: param.text(),
  word: param.text({ isOptional: true }),
  log: param.text({ isOptional: true, alone: 'tasks.log' }),
  times: param.number({ default: 1, min: 0 }),
  size: param.number({ isOptional: true }),
  colour: param.choice(['red', 'blue'], { default: 'red' }),
  shade: param.choice(['dark', 'light'], { isOptional: true }),
  isLoud: param.flag(),
  verbosity: param.count({ short: 'v' }),
  tags: param.list(param.text()),
  sizes: param.list(param.number(), { default: [1, 2] }),
  colours: param.list(param.choice(['red', 'blue'])),
  files: param.list(param.path({ mustBe: 'file' }), { isPositional: true }),
  ref: param.gitRef(),
  password: param.secret(),
  token: param.secret({ isOptional: true }),
}

is<
  Same<
    ParamValues<typeof params>,
    {
      readonly site: string
      readonly text: string
      readonly word: string | undefined
      readonly log: string | undefined
      readonly times: number
      readonly size: number | undefined
      readonly colour: 'red' | 'blue'
      readonly shade: 'dark' | 'light' | undefined
      readonly isLoud: boolean
      readonly verbosity: number
      readonly tags: readonly string[]
      readonly sizes: readonly number[]
      readonly colours: readonly ('red' | 'blue')[]
      readonly files: readonly string[]
      readonly ref: string
      readonly password: Secret
      readonly token: Secret | undefined
    }
  >
>()

defineTask({
  name: 'typed',
  summary: 'Use what was declared',
  params,
  local: async ({ params: given }) => {
    given.times satisfies number
    // @ts-expect-error: Property 'time' does not exist on type … Did you mean 'times'?
    given.time
    // @ts-expect-error: Type 'number' is not assignable to type 'string'.
    const text: string = given.times
    // @ts-expect-error: Type 'Secret' is not assignable to type 'string'.
    const password: string = given.password
    // @ts-expect-error: Type 'string | undefined' is not assignable to type 'string'.
    const word: string = given.word
    // @ts-expect-error: Property 'toUpperCase' does not exist on type 'number'.
    given.verbosity.toUpperCase()
    return void [text, password, word]
  },
})

// @ts-expect-error: Type 'string' is not assignable to type 'number'.
param.number({ default: '1' })
// @ts-expect-error: Type '"green"' is not assignable to type '"red" | "blue"'.
param.choice(['red', 'blue'], { default: 'green' })
// @ts-expect-error: Type 'string' is not assignable to type 'number'.
param.list(param.number(), { default: ['1'] })
// @ts-expect-error: 'sumary' does not exist in type … Did you mean to write 'summary'?
param.text({ sumary: 'whom to greet' })
// @ts-expect-error: 'default' does not exist in type: a secret in a program is none.
param.secret({ default: 'hunter2' })
// @ts-expect-error: Property 'txt' does not exist on type … Did you mean 'text'?
param.txt()
// @ts-expect-error: Type '"dir"' is not assignable to type '"file" | "folder" | undefined'.
param.path({ mustBe: 'dir' })
// @ts-expect-error: a parameter is made by `param`.
defineTask({ name: 'text', summary: 'Take a text for a parameter', params: { who: 'somebody' } })
// @ts-expect-error: 'isHiden' does not exist in type … Did you mean to write 'isHidden'?
defineTask({ name: 'slip', summary: 'Slip', isHiden: true })

param.text() satisfies Param<string>
