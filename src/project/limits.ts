import { TasksError } from '../core/errors.ts'
import type { RunRequest } from '../run/index.ts'

/** The least that each can be. */
const least = { jobs: 1, batch: 1, maxFailures: 0 } as const

type Limit = keyof typeof least

/** Refuses numbers of hosts that nobody can count to; `written` is how a person or a program gives them. */
export function refuseUncountable(
  given: Partial<Pick<RunRequest, Limit>>,
  written: (limit: Limit) => string = (limit) => limit,
): void {
  for (const limit of Object.keys(least) as readonly Limit[]) {
    const value = given[limit]
    if (value === undefined || (Number.isInteger(value) && value >= least[limit])) continue
    throw new TasksError({
      code: 'usage',
      message: `Cannot use ${written(limit)}, because it must be a whole number from ${least[limit]}.`,
    })
  }
}
