import type { PlannedTask } from './graph.ts'

/** A part of a run that is done before the next one begins. */
export type Phase =
  /** All hosts do these, at the same time as each other. */
  | { readonly kind: 'hosts'; readonly tasks: readonly PlannedTask[] }
  | { readonly kind: 'local'; readonly task: PlannedTask }

/** Cuts a plan where something is done on this machine: that waits for all hosts, and they wait for it. */
export function phasesOf(planned: readonly PlannedTask[]): readonly Phase[] {
  return cut<Phase>(planned, {
    together: ({ task: { steps, run } }) => steps !== undefined || run !== undefined,
    alone: ({ task: { local } }) => local !== undefined,
    joined: (tasks) => ({ kind: 'hosts', tasks }),
    single: (task) => ({ kind: 'local', task }),
  })
}

/** A part of what one host does: steps that are one program, or a function. */
export type Piece =
  | { readonly kind: 'program'; readonly tasks: readonly PlannedTask[] }
  | { readonly kind: 'function'; readonly task: PlannedTask }

/** Steps of tasks that follow one another are one program. */
export function piecesOf(tasks: readonly PlannedTask[]): readonly Piece[] {
  return cut<Piece>(tasks, {
    together: ({ task: { steps } }) => steps !== undefined,
    alone: ({ task: { run } }) => run !== undefined,
    joined: (some) => ({ kind: 'program', tasks: some }),
    single: (task) => ({ kind: 'function', task }),
  })
}

interface Cuts<P> {
  /** What is done in one go with its neighbours of the kind. */
  readonly together: (planned: PlannedTask) => boolean
  /** What ends that, and is done by itself. */
  readonly alone: (planned: PlannedTask) => boolean
  readonly joined: (tasks: readonly PlannedTask[]) => P
  readonly single: (task: PlannedTask) => P
}

/** A task may be in both: then it is done together first. */
function cut<P>(planned: readonly PlannedTask[], { together, alone, joined, single }: Cuts<P>): readonly P[] {
  const parts: P[] = []
  let open: PlannedTask[] = []
  const close = () => {
    if (open.length > 0) parts.push(joined(open))
    open = []
  }
  for (const one of planned) {
    if (together(one)) open.push(one)
    if (!alone(one)) continue
    close()
    parts.push(single(one))
  }
  close()
  return parts
}
