import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TasksError } from '../core/errors.ts'
import { stateFolder } from './folders.ts'
import type { Debian } from './host.ts'

/** A process, told from a later one with the same number by its start. */
export interface ProcessId {
  readonly pid: number
  readonly started: string
}

/** What this machine must know of a host to find it again and to take it down. */
export interface HostState {
  readonly name: string
  readonly debian: Debian
  readonly user: string
  readonly address: string
  readonly gateway: string
  /** Short and unique on this machine: names the host's link, its nftables table. */
  readonly link: string
  readonly cache: string
  /** Folders under the upper one, top first. */
  readonly lower: readonly string[]
  /** The boot of the machine on which it came up. */
  readonly boot: string
  /** The host goes when this process is gone; while a host is coming up, its maker. */
  readonly owner: ProcessId | undefined
}

export function readStates(): readonly HostState[] {
  return names().flatMap((name) => {
    const state = readState(name)
    return state ? [state] : []
  })
}

export function readState(name: string): HostState | undefined {
  try {
    return JSON.parse(readFileSync(statePath(name), 'utf8')) as HostState
  } catch {
    return undefined
  }
}

/** The state of a host that must exist. */
export function knownState(name: string): HostState {
  const state = readState(name)
  if (state) return state
  const hint = 'tasks sandbox list'
  throw new TasksError({ code: 'usage', message: `There is no sandbox host "${name}".`, hint })
}

export function writeState(state: HostState): void {
  mkdirSync(stateFolder, { recursive: true })
  const beside = `${statePath(state.name)}.${process.pid}`
  writeFileSync(beside, JSON.stringify(state, undefined, 2), { mode: 0o600 })
  renameSync(beside, statePath(state.name))
}

export function removeState(name: string): void {
  rmSync(statePath(name), { force: true })
}

/** Whether nobody wants the host any more: its owner died, or the machine was booted since. */
export function isAbandoned(state: HostState): boolean {
  return state.boot !== bootId() || (state.owner !== undefined && !isAlive(state.owner))
}

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

export function processId(pid: number): ProcessId {
  return { pid, started: startOf(pid) ?? '' }
}

function isAlive({ pid, started }: ProcessId): boolean {
  return startOf(pid) === started
}

/** Undefined for a process that is gone, or dead and not yet asked after by its parent. */
function startOf(pid: number): string | undefined {
  try {
    // The second field, a name in parentheses, may hold spaces; the third is the state, the 22nd the start.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function names(): readonly string[] {
  try {
    return readdirSync(stateFolder).flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? [])
  } catch {
    return []
  }
}

function statePath(name: string): string {
  return join(stateFolder, `${name}.json`)
}
