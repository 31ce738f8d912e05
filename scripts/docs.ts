import { writeFileSync } from 'node:fs'
import { configPage } from '../src/config/reference-page.ts'

writeFileSync(new URL('../docs/config.md', import.meta.url), configPage())
