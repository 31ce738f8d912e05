import { userInfo } from 'node:os'
import type { Data } from '../core/data.ts'
import { TasksError } from '../core/errors.ts'
import type { Emit } from '../core/event.ts'
import { compile } from '../program/compile.ts'
import { localContext, type PlaceOnHost } from './contexts.ts'
import { type PlannedTask, plan } from './graph.ts'
import { Handed } from './handed.ts'
import { mayHaveToDo } from './outline.ts'
import type { RunRequest } from './request.ts'
import { sectionsFor } from './sections.ts'

interface ScriptRequest extends RunRequest {
  /** Puts secrets into the script too; without them, a script that needs them says so and does nothing. */
  readonly includeSecrets?: boolean | undefined
}

/**
 * The program of a run as a script for a person: commented, with the files that it needs inside, to be run with `sh` as root.
 * Nothing is connected to.
 */
export async function printScript(request: ScriptRequest): Promise<string> {
  const [host] = request.hosts
  if (!host) return ''
  const loginUser = host.user ?? userInfo().username
  const planned = plan(request)
  refuseFunctions(planned)
  const place = { request, handed: new Handed(), host, loginUser }
  tellOfThisMachine(planned, place, request.emit)
  const sections = await sectionsFor(planned, { ...place, emit: request.emit })
  const data = sections.flatMap(({ steps }) => steps.flatMap((step) => step.data))
  const files = await filesOf(data, request.includeSecrets ?? false)
  return wrapped(compile(sections, { host: host.name, loginUser, style: 'by-hand', files }).text)
}

/** What a function does is not known before it is done. */
function refuseFunctions(planned: readonly PlannedTask[]): void {
  const free = planned.find(({ task }) => task.run !== undefined)
  if (free === undefined) return
  throw new TasksError({
    code: 'usage',
    message: `Cannot print a script, because "${free.label}" is a function, and not a list of steps.`,
    hint: 'name the other tasks with --only',
  })
}

/** A script of a host holds nothing that is done here. */
function tellOfThisMachine(planned: readonly PlannedTask[], place: PlaceOnHost, emit: Emit): void {
  for (const one of planned) {
    if (one.task.local === undefined) continue
    if (!mayHaveToDo(one, () => localContext(one, { ...place, hosts: [place] }))) continue
    emit({
      type: 'note.told',
      level: 'warning',
      message: `The script leaves out what "${one.label}" does on this machine.`,
      hint: 'do that by hand, or run the task itself',
    })
  }
}

/** A stream is asked for as by a host that has nothing yet. */
async function filesOf(data: readonly Data[], includeSecrets: boolean): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for (const item of data) {
    if (files.has(item.id)) continue
    if (item.kind === 'stream') files.set(item.id, await item.answer(''))
    else if (item.kind === 'content' || includeSecrets) files.set(item.id, item.bytes)
  }
  return files
}

/** Kept whole in a file before the first line of it runs: `| ssh host sh` may be cut off anywhere, and steps read standard input. */
function wrapped(text: string): string {
  const end = unused('END_OF_THE_PROGRAM', text)
  return [
    'set -eu',
    'umask 077',
    '[ "$(id -u)" = 0 ] || { echo "This script must be run by root: | ssh HOST sudo sh" >&2; exit 1; }',
    "script=''",
    `trap 'rm -f "$script"' EXIT`,
    'script=$(mktemp -p /dev/shm 2>/dev/null || mktemp)',
    `cat >"$script" <<'${end}'`,
    text,
    end,
    'sh "$script" </dev/null',
    '',
  ].join('\n')
}

/** A line that the text does not have, so that nothing inside can end it early. */
function unused(word: string, text: string): string {
  return text.split('\n').includes(word) ? unused(`${word}_`, text) : word
}
