import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { TasksError } from '../core/errors.ts'
import { booted, isRunning, reboot, start } from './boot.ts'
import { diskUp, hostFolder } from './disk.ts'
import { clearAbandoned, takeDown } from './down.ts'
import { cacheFolder, makeFolders, stateFolder } from './folders.ts'
import { type Debian, type SandboxHost, type Sudo, sshOptions } from './host.ts'
import { image } from './image.ts'
import { raiseLimits } from './kernel.ts'
import { layerFolders } from './layers.ts'
import { locked } from './lock.ts'
import { cable, chooseAddresses, networkUp } from './network.ts'
import { requireParts } from './parts.ts'
import { must } from './shell.ts'
import {
  bootId,
  type HostState,
  isAbandoned,
  knownState,
  processId,
  readState,
  readStates,
  writeState,
} from './state.ts'

export interface UpOptions {
  readonly name: string
  readonly debian: Debian
  /** The layer to stand on, made by `sandboxFreeze`; a bare Debian without. */
  readonly from?: string | undefined
  readonly sudo?: Sudo | undefined
  /** The host goes when this process is gone; without, it stays until it is taken down. */
  readonly owner?: number | undefined
  readonly onProgress?: ((line: string) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Boots a host and returns when it has finished booting and a login over SSH has worked. The first one of a release makes its image. */
export async function sandboxUp(options: UpOptions): Promise<SandboxHost> {
  checkName(options.name)
  requireParts()
  makeFolders()
  await clearAbandoned()
  const lower = options.from ? layerFolders(options.from, options.debian) : await image(options)
  const state = await claim(options, lower)
  try {
    await diskUp(state, options.sudo ?? 'nopasswd')
    await networkUp(state)
    await start(state)
    const said = await booted(state, options.signal)
    if (said === 'degraded') options.onProgress?.(`${state.name}: a unit failed to start: systemctl --failed`)
    await login(state)
  } catch (error) {
    await takeDown(state)
    throw options.signal?.aborted ? stopped(error) : error
  }
  writeState({ ...state, owner: options.owner === undefined ? undefined : processId(options.owner) })
  return described(state)
}

/** The hosts that are up, those of other checkouts too. What killed runs left is taken down first. */
export async function sandboxList(): Promise<readonly SandboxHost[]> {
  if (readStates().length === 0) return []
  await clearAbandoned()
  return readStates().map(described)
}

/** Takes a host down and removes all that is left of it: processes, mounts, network, rules, files. `all` spares hosts that another living process owns. */
export async function sandboxDown(name: string | 'all'): Promise<void> {
  const isOurs = (state: HostState) =>
    state.owner === undefined || state.owner.pid === process.pid || isAbandoned(state)
  const states = name === 'all' ? readStates().filter(isOurs) : [knownState(name)]
  for (const state of states) await takeDown(state)
}

/** Boots the host again through its own systemd, and returns when a login works; disk and address are the same. */
export async function sandboxReboot(name: string): Promise<void> {
  const state = knownState(name)
  await reboot(state)
  await login(state)
}

/** Pulls the host's network cable, or plugs it in again. What is sent meanwhile is lost in silence, and connections stay open. */
export async function sandboxNetwork(name: string, turn: 'down' | 'up'): Promise<void> {
  await cable(knownState(name), turn)
}

function claim(options: UpOptions, lower: readonly string[]): Promise<HostState> {
  return locked(stateFolder, async () => {
    if (readState(options.name)) {
      const hint = `tasks sandbox down ${options.name}, or choose another name`
      throw new TasksError({ code: 'usage', message: `A sandbox host "${options.name}" is already up.`, hint })
    }
    const state: HostState = {
      name: options.name,
      debian: options.debian,
      user: 'elspeth',
      ...(await chooseAddresses(readStates())),
      link: `sand-${randomBytes(4).toString('hex')}`,
      cache: cacheFolder(),
      lower,
      boot: bootId(),
      owner: processId(process.pid),
    }
    raiseLimits()
    writeState(state)
    return state
  })
}

async function login(state: HostState): Promise<void> {
  const host = described(state)
  const words = ['ssh', ...sshOptions(host), '-o', 'ConnectTimeout=20', `${host.user}@${host.address}`, 'true']
  await must(words, `Cannot log in to the sandbox host "${state.name}".`)
}

function described(state: HostState): SandboxHost {
  const folder = hostFolder(state)
  return {
    name: state.name,
    debian: state.debian,
    address: state.address,
    port: 22,
    user: state.user,
    identityFile: join(state.cache, 'id_ed25519'),
    knownHostsFile: join(folder, 'known_hosts'),
    root: join(folder, 'root'),
    upper: join(folder, 'upper'),
    isRunning: isRunning(state),
  }
}

function stopped(cause: unknown): TasksError {
  return new TasksError({ code: 'interrupted', message: 'Stopped while a sandbox host was coming up.', cause })
}

function checkName(name: string): void {
  if (/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name) && name !== 'all') return
  const message = `Cannot name a sandbox host "${name}", because a name is up to 40 lower-case letters, digits and dashes, from a letter on.`
  throw new TasksError({ code: 'usage', message })
}
