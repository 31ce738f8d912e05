import { readFileSync } from 'node:fs'
import { expect, expectTypeOf, it } from 'vitest'
import type { z } from 'zod'
import type { Config } from '../../src/config/config.ts'
import { keyComments } from '../../src/config/key-comments.ts'
import { configPage } from '../../src/config/reference-page.ts'
import type { configSchema } from '../../src/config/schema.ts'

const page = configPage()

it('is what docs/config.md says: run `npm run docs` after a change to the schema', () => {
  expect(readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8')).toBe(page)
})

it('has words for every key', () => {
  expect(page).not.toMatch(/\| +\|$/m)
})

it('tells of no key that the schema does not know', () => {
  const told = [...keyComments().keys()].filter((key) => !key.startsWith('config.'))
  expect(told.length).toBe(page.match(/^\| `/gm)?.length)
})

it('has the types that the schema takes', () => {
  expectTypeOf<Config>().toExtend<z.input<typeof configSchema>>()
  expectTypeOf<z.input<typeof configSchema>>().toExtend<Config>()
})
