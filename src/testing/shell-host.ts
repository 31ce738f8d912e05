import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { TasksError } from '../core/errors.ts'
import type { Verdict } from '../core/step.ts'
import type { ReturnOf } from '../library/options.ts'
import { localMachine } from '../run/free-form/local-machine.ts'
import { connectLocal } from '../transport/local.ts'
import { adaptedToYou, remoteAsYou } from './as-you.ts'
import { type Stage, type Tried, type TryArguments, type Tryable, tryTask } from './try-task.ts'

/** A folder of this machine that stands for a host. */
export interface ShellHost {
  /** Its absolute path: the home folder of whoever logs in, and the project's, too. */
  readonly folder: string
  /** Does a task there, really. Rejects with the TasksError of what failed. */
  run<W extends Tryable>(what: W, ...[options]: TryArguments<W>): Promise<Tried<ReturnOf<W>>>
  /** Looks, does it, and does it again, and tells what came of each step each time. */
  twice<W extends Tryable>(what: W, ...[options]: TryArguments<W>): Promise<Twice>
  /** What a file there holds. */
  read(file: string): Promise<string>
  /** Takes the folder away. */
  remove(): Promise<void>
}

export interface Twice {
  /** Whether what was run twice has changed nothing the second time, and the dry run has said what the first would change. */
  readonly isIdempotent: boolean
  /** Of each step, by its name, what a dry run, the run, and one more run came to. */
  readonly steps: Readonly<
    Record<string, { readonly dryRun?: Verdict; readonly first?: Verdict; readonly again?: Verdict }>
  >
}

/**
 * A host for tests of tasks: a temporary folder with these files, and the real `sh` of this machine. Commands and steps are really run, all of them
 * as whoever runs the test, root's too: a task must leave alone what is not in its home folder.
 */
export async function shellHost({
  files = {},
}: {
  readonly files?: Readonly<Record<string, string>>
} = {}): Promise<ShellHost> {
  const whole = await mkdtemp(path.join(tmpdir(), 'tasks-testing-'))
  const folder = path.join(whole, 'home')
  await mkdir(folder)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
    await writeFile(path.join(folder, name), text)
  }
  const env = { TASKS_STATE: path.join(whole, 'state'), TASKS_RUN: path.join(whole, 'run') }
  const connect = () => connectLocal({ folder, env })
  const stage: Stage = {
    folder,
    connect,
    connectLocal: connect,
    standIns: { remote: remoteAsYou, local: localMachine },
    adapted: adaptedToYou,
  }
  const run: ShellHost['run'] = (what, ...[options]) => tryTask(stage, what, options ?? ({} as never)) // where none need be given
  return {
    folder,
    run,
    twice: async (what, ...options) => await twice((mode) => run(what, ...withMode(options, mode))),
    read: (file) => readFile(path.join(folder, file), 'utf8'),
    remove: () => rm(whole, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }),
  }
}

function withMode<W>([options]: TryArguments<W>, mode: 'run' | 'dry-run'): TryArguments<W> {
  return [{ ...options, mode }] as unknown as TryArguments<W> // the same, with a mode
}

async function twice(run: (mode: 'run' | 'dry-run') => Promise<Tried<unknown>>): Promise<Twice> {
  const dryRun = (await run('dry-run')).verdicts
  const first = (await run('run')).verdicts
  const again = (await run('run')).verdicts
  const names = Object.keys(first)
  if (names.length === 0) throw nothingToTell()
  return {
    steps: Object.fromEntries(names.map((name) => [name, pick(name, { dryRun, first, again })])),
    isIdempotent: names.every((name) => again[name] === 'met' && isToldRight(dryRun[name], first[name])),
  }
}

function nothingToTell(): TasksError {
  return new TasksError({
    code: 'usage',
    message: 'Cannot tell whether this is idempotent, because no step was done.',
    hint: 'try it with run, and look at what it leaves',
  })
}

/** What is decided after another step may come to either; and into functions no dry run looks. */
function isToldRight(dryRun: Verdict | undefined, first: Verdict | undefined): boolean {
  if (dryRun === 'after' || dryRun === undefined) return true
  return first === 'changed' ? dryRun === 'would change' : first === dryRun
}

function pick<K extends string>(
  name: string,
  tables: Readonly<Record<K, Readonly<Record<string, Verdict>>>>,
): Readonly<Partial<Record<K, Verdict>>> {
  const found = Object.entries<Readonly<Record<string, Verdict>>>(tables).map(([key, table]) => [key, table[name]])
  return Object.fromEntries(found.filter(([, verdict]) => verdict !== undefined))
}
