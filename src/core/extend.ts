import type { Step } from './step.ts'
import type { AnyTask, Call, Needs, Params, StepsContext, Task } from './task.ts'

interface Extension<P extends Params, N extends Needs, P2 extends Params, N2 extends Needs> {
  readonly name?: string
  readonly summary?: string
  /** More parameters. */
  readonly params?: P2
  /** More tasks that come before, ahead of those that it needs already. */
  readonly needs?: N2
  /** More tasks that follow, after those that follow already. */
  readonly then?: readonly (AnyTask | Call)[]
  /** Its steps, made of those that it had. */
  readonly steps?: (
    context: StepsContext<P & P2, N & N2>,
    original: readonly Step[],
  ) => readonly Step[] | Promise<readonly Step[]>
}

/**
 * A task with more to it; the one that it is made of stays as it is. Exported by a project under the same name, it takes its place wherever that
 * one is needed.
 *
 *     export const deploy = extendTask(builtIn, { needs: { frontEnd }, steps: (_, steps) => [...steps, notified] })
 */
export function extendTask<
  P extends Params,
  N extends Needs,
  R,
  const P2 extends Params = {},
  const N2 extends Needs = {},
>(task: Task<P, N, R>, more: Extension<P, N, P2, N2>): Task<P & P2, N & N2, R> {
  const { steps, ...rest } = more
  const extended = {
    ...task,
    ...rest,
    params: { ...task.params, ...more.params },
    needs: { ...more.needs, ...task.needs },
    then: [...task.then, ...(more.then ?? [])],
    ...(steps && {
      steps: async (context: StepsContext<P & P2, N & N2>) =>
        await steps(context, (await task.steps?.(context as unknown as StepsContext<P, N>)) ?? []),
    }),
  }
  return extended as unknown as Task<P & P2, N & N2, R> // each part was typed above; what is spread is not followed
}
