import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { Ask } from '../../src/core/ask.ts'
import type { Connection } from '../../src/core/connection.ts'
import { hiddenIn } from '../../src/core/data.ts'
import type { Event, Mode } from '../../src/core/event.ts'
import type { Step } from '../../src/core/step.ts'
import type { RunHead } from '../../src/program/bootstrap.ts'
import { compile } from '../../src/program/compile.ts'
import { FrameReader } from '../../src/program/frames.ts'
import type { Section } from '../../src/program/program.ts'
import { converse, type Ending } from '../../src/run/conversation.ts'
import { masking } from '../../src/run/mask.ts'
import { Narrator } from '../../src/run/narrator.ts'
import { connectLocal } from '../../src/transport/local.ts'

/** The program clears up after it has said its last word; a folder that it still writes to is not empty when it is to go. */
async function removeOnceIdle(folder: string, tries = 100): Promise<void> {
  try {
    rmSync(folder, { recursive: true })
  } catch (error) {
    if (tries === 0) throw error
    await sleep(50)
    await removeOnceIdle(folder, tries - 1)
  }
}

/** The shells in which every program must behave the same. */
export const shells = (['dash', 'bash', 'busybox'] as const).filter(isInstalled)
export type ShellName = 'dash' | 'bash' | 'busybox'

export interface Machine {
  readonly folder: string
  connect(): Promise<Connection>
  run(steps: readonly Step[] | readonly Section[], options?: RunOptions): Promise<Outcome>
}

export interface RunOptions {
  readonly mode?: Mode
  readonly ask?: Ask
  readonly stop?: AbortSignal
  readonly kill?: AbortSignal
  /** Who it says that it is, where that matters. */
  readonly head?: Partial<Pick<RunHead, 'run' | 'wait'>> & Partial<RunHead['holder']>
  readonly onEvent?: (event: Event) => void
}

export interface Outcome {
  readonly ending: Ending
  readonly events: readonly Event[]
  /** `name: verdict`, in order. */
  readonly verdicts: readonly string[]
  readonly requests: number
}

/** This machine as a host: a temporary folder holds the run's state, and `sh` is the shell that is asked for. */
export function machine(shell: ShellName): Machine {
  const folder = mkdtempSync(join(tmpdir(), `tasks-${shell}-`))
  onTestFinished(() => removeOnceIdle(folder))
  const bin = join(folder, 'bin')
  execFileSync('mkdir', [bin])
  const target = execFileSync('/bin/sh', ['-c', `command -v ${shell}`])
    .toString()
    .trim()
  symlinkSync(target, join(bin, shell === 'busybox' ? 'busybox' : 'sh'))
  if (shell === 'busybox')
    execFileSync('/bin/sh', [
      '-c',
      `printf '#!/bin/dash\\nexec ${target} ash "$@"\\n' >${bin}/sh && chmod +x ${bin}/sh`,
    ])
  const connect = () =>
    connectLocal({
      env: { PATH: `${bin}:${process.env.PATH}`, TASKS_STATE: join(folder, 'state'), TASKS_RUN: join(folder, 'run') },
    })
  return { folder, connect, run: (steps, options = {}) => runHere({ connect, steps, ...options }) }
}

interface Here extends RunOptions {
  readonly connect: () => Promise<Connection>
  readonly steps: readonly Step[] | readonly Section[]
}

let runs = 0

async function runHere({ connect, steps, mode = 'run', ask = {}, stop, kill, ...rest }: Here): Promise<Outcome> {
  const { head: { run = `run-${process.pid}-${++runs}`, wait = false, ...who } = {}, onEvent } = rest
  const events: Event[] = []
  let requests = 0
  const loginUser = userInfo().username
  const program = compile(sectionsOf(steps).map(asMe(loginUser)), { host: 'here', loginUser, style: 'wire' })
  const marker = `tasks-test-${process.pid}-${randomBytes(4).toString('hex')}`
  const emit = (event: Event) => {
    events.push(event)
    onEvent?.(event)
  }
  const connection = await connect()
  const holder = { user: 'me', machine: 'here', since: 'now', task: 'test', ...who }
  const narrator = new Narrator('here', program, {
    emit,
    mask: masking(hiddenIn(program.data)),
  })
  const never = new AbortController().signal
  const ending = await converse(connection, program, {
    host: 'here',
    program,
    head: { marker, run, mode, wait, holder },
    narrator,
    reader: new FrameReader(marker),
    emit,
    ask,
    passwords: new Map(),
    stop: stop ?? never,
    kill: kill ?? never,
    waited: () => void requests++,
  })
  await connection.close()
  return {
    ending,
    events,
    requests,
    verdicts: events.flatMap((event) =>
      event.type === 'step.finished' ? `${event.step.replace(/^[^/]*\//, '')}: ${event.verdict}` : [],
    ),
  }
}

function sectionsOf(steps: readonly Step[] | readonly Section[]): readonly Section[] {
  const [first] = steps
  if (first && 'kind' in first) return [{ task: 'test', summary: '', steps: steps as readonly Step[] }]
  return steps as readonly Section[]
}

/** What root does is done by whoever runs the tests, so that all of it can be tried without root. */
function asMe(me: string): (section: Section) => Section {
  const mine = new Map<Step, Step>()
  const own = (step: Step): Step => {
    const after = step.after === 'everything' ? step.after : step.after.map((other) => mine.get(other) ?? other)
    const changed = { ...step, after, as: step.as === 'root' ? me : step.as }
    mine.set(step, changed)
    return changed
  }
  return (section) => (me === 'root' ? section : { ...section, steps: section.steps.map(own) })
}

function isInstalled(name: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', `command -v ${name}`])
    return true
  } catch {
    return false
  }
}
