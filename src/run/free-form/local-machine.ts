import type { LocalMachine } from '../../core/free-form.ts'
import { runCommand } from './command.ts'
import { type Machine, type MachineParts, machineOf } from './machine.ts'
import { homeScope, inFolder, orderOf, type Scope, withVariables } from './order.ts'

export interface LocalMachineParts extends MachineParts {
  /** The project's folder: absolute. */
  readonly root: string
}

/** The person's own machine for a free-form task; `connection` is one to this machine. */
export function localMachine(parts: LocalMachineParts): LocalMachine {
  return scoped(machineOf(parts, undefined), inFolder(homeScope, parts.root))
}

function scoped(machine: Machine, scope: Scope): LocalMachine {
  return {
    run: async (command, options = {}) => runCommand(machine, orderOf(command, scope, options)),
    cd: (folder) => scoped(machine, inFolder(scope, folder)),
    env: (variables) => scoped(machine, withVariables(scope, variables)),
  }
}
