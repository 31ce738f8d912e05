import { TasksError } from '../core/errors.ts'
import { type Resolving, resolveSettings, type SshSettings } from './ssh-config.ts'
import { parseTarget, type SshTarget } from './target.ts'

/** One host on the way to another. */
export interface Stop {
  readonly name: string
  readonly settings: SshSettings
  /** What the settings were asked for with. */
  readonly target: SshTarget
}

/** The hosts to pass, the target last. Each hop is resolved by itself, as OpenSSH does; the first hop's own hops come before it. */
export async function route(
  target: SshTarget,
  options: Resolving,
  before: readonly string[] = [],
): Promise<readonly Stop[]> {
  const here = target.port === undefined ? target.host : `${target.host}:${target.port}`
  if (before.includes(here) || before.length > 8) throw tooLong([...before, here])
  const settings = await resolveSettings(target, options)
  const stop: Stop = { name: target.host, settings, target }
  // OpenSSH: a jump wins over a proxy command
  if (settings.proxyJump === undefined) return [stop]
  const hops = settings.proxyJump.split(',').map((hop) => hopTarget(hop, target))
  const [first, ...others] = hops
  if (!first) return [stop]
  const [way, rest] = await Promise.all([
    route(first, options, [...before, here]),
    Promise.all(others.map((hop) => directStop({ ...hop, jump: 'none' }, options))),
  ])
  return [...way, ...rest, stop]
}

async function directStop(target: SshTarget, options: Resolving): Promise<Stop> {
  return { name: target.host, settings: await resolveSettings(target, options), target }
}

function hopTarget(hop: string, { knownHostsFile, configFile }: SshTarget): SshTarget {
  return {
    ...parseTarget(hop),
    ...(knownHostsFile === undefined ? {} : { knownHostsFile }),
    ...(configFile === undefined ? {} : { configFile }),
  }
}

function tooLong(names: readonly string[]): TasksError {
  return new TasksError({
    code: 'config',
    message: `Cannot find the way to "${names[0]}": its jump hosts lead in a circle (${names.join(', ')}).`,
    hint: 'look at ProxyJump in ~/.ssh/config',
  })
}
