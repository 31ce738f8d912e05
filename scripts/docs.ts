import { writeFileSync } from 'node:fs'
import { configPage } from './config-page.ts'

writeFileSync(new URL('../docs/config.md', import.meta.url), configPage())
