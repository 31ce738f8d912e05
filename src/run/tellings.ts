import type { Host } from '../core/app.ts'
import type { TasksError } from '../core/errors.ts'
import type { Emit } from '../core/event.ts'
import type { Program } from '../program/program.ts'

interface Teller {
  readonly emit: Emit
}

/** Tells all the steps of a program, before the first of them. */
export function tellPlan({ emit }: Teller, host: Host, program: Program): void {
  const steps = program.steps.map(({ task, id, step }) => ({ task, step: id, title: step.title }))
  emit({ type: 'steps.planned', host: host.name, steps })
}

/** Tells why a host's run is not what it should be, and at which task or step. */
export function tellFailure(
  { emit }: Teller,
  host: Host,
  error: TasksError,
  at?: { readonly task: string; readonly step?: string } | undefined,
): void {
  const { code, message, hint, output } = error
  const place = at && { task: at.task, ...(at.step !== undefined && { step: at.step }) }
  emit({
    type: 'run.failed',
    code,
    message,
    host: host.name,
    ...(hint !== undefined && { hint }),
    ...(output !== undefined && { output }),
    ...place,
  })
}
