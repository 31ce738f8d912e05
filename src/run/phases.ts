import type { PlannedTask } from './graph.ts'

/** A part of a run that is done before the next one begins. */
export type Phase =
  /** All hosts do these, at the same time as each other. */
  | { readonly kind: 'hosts'; readonly tasks: readonly PlannedTask[] }
  | { readonly kind: 'local'; readonly task: PlannedTask }

/** Cuts a plan where something is done on this machine: that waits for all hosts, and they wait for it. */
export function phasesOf(planned: readonly PlannedTask[]): readonly Phase[] {
  const phases: Phase[] = []
  let onHosts: PlannedTask[] = []
  const close = () => {
    if (onHosts.length > 0) phases.push({ kind: 'hosts', tasks: onHosts })
    onHosts = []
  }
  for (const one of planned) {
    if (one.task.steps || one.task.run) onHosts.push(one)
    if (!one.task.local) continue
    close()
    phases.push({ kind: 'local', task: one })
  }
  close()
  return phases
}

/** A part of what one host does: steps that are one program, or a function. */
export type Piece =
  | { readonly kind: 'program'; readonly tasks: readonly PlannedTask[] }
  | { readonly kind: 'function'; readonly task: PlannedTask }

/** Steps of tasks that follow one another are one program. */
export function piecesOf(tasks: readonly PlannedTask[]): readonly Piece[] {
  const pieces: Piece[] = []
  let steps: PlannedTask[] = []
  const close = () => {
    if (steps.length > 0) pieces.push({ kind: 'program', tasks: steps })
    steps = []
  }
  for (const one of tasks) {
    if (one.task.steps) steps.push(one)
    if (!one.task.run) continue
    close()
    pieces.push({ kind: 'function', task: one })
  }
  close()
  return pieces
}
