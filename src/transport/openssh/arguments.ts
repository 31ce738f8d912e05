import type { SshSettings } from '../ssh-config.ts'
import type { SshTarget } from '../target.ts'
import { type Helper, inShell } from './helper.ts'
import type { OpensshHop } from './hop.ts'
import { readyWord } from './process.ts'

interface Parts {
  readonly hop: OpensshHop
  readonly socket: string
  readonly helper: Helper
  readonly canAskPassword: boolean
}

/** The words for an `ssh` that logs in as the person's configuration has it, asks us, and holds the connection for others. */
export function sshArguments({ hop, socket, helper, canAskPassword }: Parts): readonly string[] {
  const { target, settings } = hop.stop
  const options = [
    ...holding,
    // Every host key is shown to us, and judged by the same rules as with the library
    'StrictHostKeyChecking=yes',
    `KnownHostsCommand=${quoted(helper.program)} host-key %I %t %K %H ${settings.knownHostsCommand ?? ''}`.trimEnd(),
    'CheckHostIP=no',
    'UpdateHostKeys=no',
    ...alive(settings),
    ...(settings.forks ? ['ForkAfterAuthentication=no'] : []),
    ...(canAskPassword ? [] : ['PasswordAuthentication=no', 'KbdInteractiveAuthentication=no']),
    ...(target.knownHostsFile === undefined ? [] : [`UserKnownHostsFile=${quoted(target.knownHostsFile)}`]),
  ]
  return [
    ...['-v', '-N', '-T', '-M', '-S', doubled(socket)],
    ...options.flatMap((option) => ['-o', option]),
    ...targetFlags(target),
    ...wayFlags(hop),
    ...['--', target.host],
  ]
}

/** What makes it a holder of one connection and of nothing else, whatever its configuration says. */
const holding = [
  'ControlPersist=no',
  'PermitLocalCommand=yes',
  `LocalCommand=echo ${readyWord}`,
  'RemoteCommand=none',
  'ClearAllForwardings=yes',
  // Ours stands still while a person is asked
  'ConnectTimeout=none',
  'ConnectionAttempts=1',
  'BatchMode=no',
]

function alive({ keepaliveSeconds, keepaliveCount }: SshSettings): readonly string[] {
  return [`ServerAliveInterval=${keepaliveSeconds ?? 15}`, `ServerAliveCountMax=${keepaliveCount}`]
}

function targetFlags({ configFile, port, user, identityFile }: SshTarget): readonly string[] {
  return [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(identityFile === undefined ? [] : ['-i', identityFile]),
  ]
}

/** Through the socket of the hop before; should that be gone, to a name that nobody has. */
function wayFlags({ stop: { target }, before }: OpensshHop): readonly string[] {
  const previous = before.at(-1)
  if (previous) {
    const words = `ssh -F none -S ${inShell(doubled(doubled(previous.socket)))} -W '[%h]:%p' gone.invalid`
    return ['-o', `ProxyCommand=${words}`]
  }
  return target.jump === undefined ? [] : ['-J', 'none']
}

/** A path that ssh reads as one word, and as it stands. */
function quoted(path: string): string {
  return `"${doubled(path)}"`
}

function doubled(path: string): string {
  return path.replaceAll('%', '%%')
}
