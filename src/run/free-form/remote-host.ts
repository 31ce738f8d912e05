import type { Host } from '../../core/app.ts'
import type { RemoteHost } from '../../core/free-form.ts'
import { runCommand } from './command.ts'
import { forward, tunnel } from './forward.ts'
import { type Machine, type MachineParts, machineOf } from './machine.ts'
import { homeScope, inFolder, orderOf, type Scope, withVariables } from './order.ts'

/** What carries files; the folder is absolute, or of the login user's home folder. */
export type Transfers = (folder: string) => Pick<RemoteHost, 'put' | 'get' | 'read'>

export interface RemoteHostParts extends MachineParts {
  readonly host: Host
  readonly siteUser: string
  readonly transfers: Transfers
}

/** A host for a free-form task, over the connection that the run has to it. Its forwardings close when `parts.ended` says so. */
export function remoteHost(parts: RemoteHostParts): RemoteHost {
  return scoped(parts, machineOf(parts, parts.host.name), homeScope)
}

function scoped(parts: RemoteHostParts, machine: Machine, scope: Scope): RemoteHost {
  const { host, siteUser, connection } = parts
  return {
    ...host,
    loginUser: connection.user,
    siteUser,
    run: async (command, options = {}) => runCommand(machine, orderOf(command, scope, options)),
    sudo: async (command, { as = 'root', ...options } = {}) =>
      runCommand(machine, orderOf(command, scope, { ...options, ...(as !== connection.user && { as }) })),
    cd: (folder) => scoped(parts, machine, inFolder(scope, folder)),
    env: (variables) => scoped(parts, machine, withVariables(scope, variables)),
    ...parts.transfers(scope.folders.join('/') || '.'),
    forward: (ports) => forward(machine, ports),
    tunnel: (name) => tunnel(machine, host, name),
  }
}
