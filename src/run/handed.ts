import { isTasksError, TasksError } from '../core/errors.ts'
import type { AnyTask } from '../core/task.ts'
import type { PlannedTask } from './graph.ts'

/** What a free-form task has returned, as its run knows it. */
export interface Returned {
  readonly task: AnyTask
  /** The task's name; with a number where the run has done it more than once. */
  readonly label: string
  /** Absent for what was done on this machine. */
  readonly host?: string
  readonly value: unknown
}

/** What the free-form tasks of a run have returned: for each host, or for this machine. */
export class Handed {
  readonly #values = new Map<PlannedTask, Map<string, unknown>>()

  /** `host` is absent for what was done on this machine. */
  keep(planned: PlannedTask, value: unknown, host = here): void {
    const values = this.#values.get(planned) ?? new Map<string, unknown>()
    this.#values.set(planned, values.set(host, value))
  }

  /** All of it, in the order in which it came. */
  all(): readonly Returned[] {
    return [...this.#values].flatMap(([{ task, label }, values]) =>
      [...values].map(([host, value]) => ({ task, label, value, ...(host !== here && { host }) })),
    )
  }

  /** What a task returned for this host, on this machine, or else for the first host. Throws what `notYetDone` knows. */
  of(planned: PlannedTask, host: string | undefined): unknown {
    const values = this.#values.get(planned)
    if (values === undefined) throw notYetKnown(planned)
    const [first] = values.keys()
    const key = [host, here, first].find((one) => one !== undefined && values.has(one))
    return values.get(key ?? here)
  }
}

/** No host has an empty name. */
const here = ''

/** Marks the one failure that a dry run goes on after. */
class NotYetKnown {
  readonly label: string

  constructor(label: string) {
    this.label = label
  }
}

function notYetKnown({ label }: PlannedTask): TasksError {
  return new TasksError({
    code: 'usage',
    message: `Cannot go on without "${label}", because what it returns is needed, and it was not done in this run.`,
    hint: `leave --only out, or add: --only ${label}`,
    cause: new NotYetKnown(label),
  })
}

/** The task whose result was asked for before it was done, where that is what failed. */
export function notYetDone(error: unknown): string | undefined {
  return isTasksError(error) && error.cause instanceof NotYetKnown ? error.cause.label : undefined
}
