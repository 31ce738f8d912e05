import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { configPage } from '../../scripts/config-page.ts'

const page = configPage()

it('is what docs/config.md says: run `npm run docs` after a change to the schema', () => {
  expect(readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8')).toBe(page)
})

it('has words for every key', () => {
  expect(page).not.toMatch(/\| +\|$/m)
})
