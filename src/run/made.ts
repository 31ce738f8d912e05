import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, mkdir, readFile, readlink, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
// biome-ignore lint/suspicious/noDeprecatedImports: one of its overloads is, and not this one
import { glob } from 'tinyglobby'
import { TasksError } from '../core/errors.ts'
import type { PlannedTask } from './graph.ts'
import type { RunRequest } from './request.ts'

/** Where a task's files are, and where it is remembered what they were made of. */
type Place = Pick<RunRequest, 'app' | 'cache'>

/**
 * Whether a task that names its inputs and outputs has nothing to make: the outputs are there, just as it left them, and its inputs, arguments and
 * function are those that they were made of. Throws a `config` error where no file is an input.
 */
export async function isMade(planned: PlannedTask, place: Place): Promise<boolean> {
  const state = await stateOf(planned, place)
  if (state === undefined) return false
  const remembered = await readFile(memoryOf(planned, place) ?? '', 'utf8').catch(() => undefined)
  return remembered === state
}

/** Remembers what the outputs were made of, once they are. Throws a `failed` error where they are not there. */
export async function rememberMade(planned: PlannedTask, place: Place): Promise<void> {
  const state = await stateOf(planned, place)
  if (state === undefined) throw notMade(planned)
  const file = memoryOf(planned, place)
  if (file === undefined) return
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(`${file}.${process.pid}`, state, { mode: 0o600 })
  await rename(`${file}.${process.pid}`, file)
}

/** One hash of all that decides; undefined while outputs are missing. */
async function stateOf(planned: PlannedTask, { app }: Place): Promise<string | undefined> {
  const { inputs = [], outputs = [] } = planned.task
  const sources = await filesOf(app.root, inputs)
  if (sources.length === 0) throw noInput(planned, inputs)
  for (const pattern of outputs) if ((await filesOf(app.root, [pattern])).length === 0) return undefined
  const made = await filesOf(app.root, outputs)
  const hash = createHash('sha256')
  hash.update(JSON.stringify([planned.label, planned.params, String(planned.task.local), inputs, outputs]))
  for (const file of sources) hash.update(await hashOf(app.root, file))
  hash.update('made:')
  for (const file of made) hash.update(await hashOf(app.root, file))
  return hash.digest('hex')
}

async function filesOf(cwd: string, patterns: readonly string[]): Promise<readonly string[]> {
  const found = await glob([...patterns], {
    cwd,
    dot: true,
    followSymbolicLinks: false,
    ignore: ['**/node_modules/**', '.git/**'],
  })
  return found.sort()
}

/** Of a file's name, whether it can be run, and what it holds. */
async function hashOf(root: string, name: string): Promise<string> {
  const file = path.join(root, name)
  const about = await lstat(file)
  const hash = createHash('sha256').update(`${name}\0${about.mode & 0o111}\0`)
  if (about.isSymbolicLink()) hash.update(await readlink(file))
  else for await (const chunk of createReadStream(file)) hash.update(chunk)
  return hash.digest('hex')
}

function memoryOf({ label }: PlannedTask, { app, cache }: Place): string | undefined {
  const name = createHash('sha256').update(`${app.root}\0${label}`).digest('hex').slice(0, 32)
  return cache === undefined ? undefined : path.join(cache, 'made', name)
}

function noInput({ label }: PlannedTask, inputs: readonly string[]): TasksError {
  return new TasksError({
    code: 'config',
    message: `Cannot tell whether "${label}" has anything to make, because no file matches its inputs: ${inputs.join(', ')}.`,
    hint: "patterns are relative to the config's folder",
  })
}

function notMade({ label, task: { outputs = [] } }: PlannedTask): TasksError {
  return new TasksError({
    code: 'failed',
    message: `Cannot finish "${label}", because it did not make all of its outputs: ${outputs.join(', ')}.`,
    hint: "patterns are relative to the config's folder",
  })
}
