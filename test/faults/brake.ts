import { closeSync, openSync, readdirSync, readSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Machine } from './machine.ts'

/** Where a run is to be held: so many milliseconds after its program said a frame, `start 12`, `apply 12`, `pass`, `finish`; when an apply ends at the latest. */
export interface Place {
  readonly frame: string
  readonly delay: number
}

/** A run whose every process on the host stands still. */
export interface Held {
  readonly run: string
  /** The number of the step that it stands in. */
  readonly step: number
  /** What of the step: its check began, its apply did, or all steps are over. */
  readonly doing: string
  /** Lets it go on; nothing where it is gone. */
  letGo(): void
}

/** The runs that a host knows, by name. */
export function runsOf(machine: Machine): ReadonlySet<string> {
  try {
    return new Set(readdirSync(machine.path(runs)))
  } catch {
    return new Set()
  }
}

/**
 * Waits for a run that is not among `known`, and holds it at a place by freezing the login's control group: what is cut then is cut
 * there, however busy this machine is. Undefined when the run is over, or `signal` says that there is none, before it came there.
 */
export async function holdAt(
  machine: Machine,
  {
    place,
    known,
    signal,
  }: { readonly place: Place; readonly known: ReadonlySet<string>; readonly signal: AbortSignal },
): Promise<Held | undefined> {
  const run = await look(() => [...runsOf(machine)].find((name) => !known.has(name)), signal)
  if (run === undefined) return undefined
  const scope = await look(() => scopeOf(machine, run), signal)
  const journal = await look(() => opened(machine.path(`${runs}/${run}/journal`)), signal)
  if (scope === undefined || journal === undefined) return undefined
  try {
    const there = await look(() => journal.frames().find((frame) => frame.startsWith(`${place.frame} `)), signal)
    if (there === undefined) return undefined
    const [began, over] = [Date.now(), place.frame.replace(/^apply/, 'end')]
    const isTime = () =>
      Date.now() - began >= place.delay || journal.frames().some((frame) => frame.startsWith(`${over} `))
    await look(() => isTime() || undefined, signal)
    await freeze(machine, scope)
    const last = journal.frames().findLast((frame) => /^(start|apply|pass|finish) /.test(frame)) ?? ''
    const [doing = '', step] = last.split(' ')
    return { run, doing, step: Number(step) || 0, letGo: () => turn(machine, scope, '0') }
  } finally {
    journal.close()
  }
}

const runs = '/var/lib/tasks/runs'

/** Looks five hundred times a second. */
async function look<T>(find: () => T | undefined, signal: AbortSignal): Promise<T | undefined> {
  for (;;) {
    const found = find()
    if (found !== undefined || signal.aborted) return found
    await pause(2)
  }
}

/** The folder of the control group that the run's program is in: that of its login. */
function scopeOf(machine: Machine, run: string): string | undefined {
  const pid = machine.read(`/run/tasks/${run}/pid`).trim()
  const group = /^0::.*(\/user\.slice\/.*)$/m.exec(machine.read(`/proc/${pid || 'none'}/cgroup`))?.[1]
  return group && `/sys/fs/cgroup${group}`
}

function opened(path: string) {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return undefined
  }
  const chunk = Buffer.alloc(1 << 16)
  let text = ''
  const frames = () => {
    for (let size = 1; size > 0; ) {
      size = readSync(file, chunk)
      text += chunk.toString('latin1', 0, size)
    }
    return [...text.matchAll(/^tasks-[0-9a-f]{32} (.*)\n/gm)].map(([, frame]) => `${frame} `)
  }
  return { frames, close: () => closeSync(file) }
}

async function freeze(machine: Machine, scope: string): Promise<void> {
  turn(machine, scope, '1')
  const never = new AbortController().signal
  const isStill = () => /^$|^frozen 1$|^populated 0$/m.test(machine.read(`${scope}/cgroup.events`)) || undefined
  await look(isStill, never)
}

function turn(machine: Machine, scope: string, to: '0' | '1'): void {
  try {
    writeFileSync(machine.path(`${scope}/cgroup.freeze`), to)
  } catch {
    // A login that ended took its group along.
  }
}
