import { defineConfig } from 'vitest/config'

const hours = 3_600_000

/** What `npm run test:faults` runs: too long for each day. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.faults.ts'],
    testTimeout: 6 * hours,
    hookTimeout: hours,
    maxWorkers: 2,
  },
})
