import { TasksError } from '../core/errors.ts'

/** Refuses a number of hosts that nobody can count to; `name` is how it was given. */
export function refuseUncountable(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return
  throw new TasksError({
    code: 'usage',
    message: `Cannot use ${name}, because it must be a whole number from ${least}.`,
  })
}
