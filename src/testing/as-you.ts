import { userInfo } from 'node:os'
import type { RemoteHost } from '../core/free-form.ts'
import type { Step } from '../core/step.ts'
import type { AnyTask } from '../core/task.ts'
import { type RemoteHostParts, remoteHost } from '../run/free-form/remote-host.ts'

/** A task whose steps, those of its function too, are all checked and applied by whoever runs the test. */
export function adaptedToYou(task: AnyTask): AnyTask {
  const { steps, run } = task
  return {
    ...task,
    ...(steps && { steps: async (context) => stepsAsYou(await steps(context)) }),
    ...(run && { run: (context) => run({ ...context, step: (...some) => context.step(...stepsAsYou(some)) }) }),
  }
}

/** The same of the host of a function: nobody becomes somebody else. */
export function remoteAsYou(parts: RemoteHostParts): RemoteHost {
  return asYou(remoteHost(parts))
}

/** Others that a step is after are told by what they are: they must be the ones that take their place. */
function stepsAsYou(steps: readonly Step[]): readonly Step[] {
  const { username } = userInfo()
  const made = new Map<Step, Step>()
  const yours = (one: Step): Step => {
    const known = made.get(one)
    if (known !== undefined) return known
    const after = one.after === 'everything' ? one.after : one.after.map(yours)
    const mine: Step = { ...one, as: username, after }
    made.set(one, mine)
    return mine
  }
  return steps.map(yours)
}

function asYou(host: RemoteHost): RemoteHost {
  return {
    ...host,
    sudo: (command, { as: _, ...options } = {}) => host.run(command, options),
    cd: (folder) => asYou(host.cd(folder)),
    env: (variables) => asYou(host.env(variables)),
    put: (source, target, { as: _, owner: __, ...options } = {}) => host.put(source, target, options),
    get: (source, target, { as: _, ...options } = {}) => host.get(source, target, options),
    read: (source) => host.read(source),
  }
}
