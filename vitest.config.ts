import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const minute = 60_000

/** Those that take minutes, the longest first. */
const longest = [
  'kinds',
  'two-people',
  'build-faults',
  'dry-run',
  'app-faults',
  'server-faults',
  'provision',
  'kill-sample',
  'killed',
  'deploy',
]

/** What takes longest begins first: begun last, it would go on alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = longest.findIndex((name) => moduleId.endsWith(`/hosts/${name}.test.ts`))
      return found === -1 ? longest.length : found
    }
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other))
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'pure',
          include: ['test/**/*.test.ts'],
          exclude: ['test/hosts/**'],
          testTimeout: 2 * minute,
          hookTimeout: 5 * minute,
          maxWorkers: 3, // one less than there are processors is the default: one alone on two, and much of a test is waiting
        },
      },
      {
        test: {
          name: 'hosts',
          include: ['test/hosts/**/*.test.ts'],
          testTimeout: 15 * minute,
          hookTimeout: 15 * minute,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
