import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Connection } from '../../../src/core/connection.ts'
import { isTasksError } from '../../../src/core/errors.ts'
import type { Event } from '../../../src/core/event.ts'
import type { TransferPlace } from '../../../src/run/free-form/transfer-place.ts'

/** A folder with one for this machine, `here`, and one for the host, `there`. */
export function folders() {
  const folder = mkdtempSync(join(tmpdir(), 'tasks-transfer-'))
  onTestFinished(() => {
    execFileSync('chmod', ['-R', 'u+rwx', folder])
    rmSync(folder, { recursive: true })
  })
  const here = join(folder, 'here')
  const there = join(folder, 'there')
  for (const path of [here, there]) mkdirSync(path)
  return { folder, here, there }
}

/** All that a transfer is handed in, with what it told. */
export function placeOn(
  connection: Connection,
  { here, there }: { readonly here: string; readonly there: string },
  more: Partial<TransferPlace> = {},
): TransferPlace & { readonly events: Event[] } {
  const events: Event[] = []
  return {
    host: 'web1',
    connection,
    ask: {},
    passwords: new Map(),
    waited: () => undefined,
    folder: there,
    localFolder: here,
    emit: (event) => void events.push(event),
    mask: (text) => text,
    signal: new AbortController().signal,
    events,
    ...more,
  }
}

/**
 * Kind, mode, size of a file, time, target of a link, and name of all that is in a folder, as lines; names as bytes in `latin1`.
 * busybox's tar keeps no times but those of files.
 */
export function listing(folder: string, { hasAllTimes = true } = {}): readonly string[] {
  const format = '%y %m %s %T@ %l %P\\0'
  const found = execFileSync('find', [folder, '-mindepth', '1', '-printf', format], { encoding: 'latin1' })
  return found
    .split('\0')
    .filter(Boolean)
    .map((line) => line.replace(/^d (\S+) \S+/, 'd $1 -').replace(/^([dfl] .*?)\.\d+ /, '$1 '))
    .map((line) => (hasAllTimes ? line : line.replace(/^([dl] \S+ \S+) \d+/, '$1')))
    .sort()
}

/** What a transfer left beside its target that is not the target. */
export function leftIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.startsWith('.tasks-'))
}

/** What a person is told of a failure. */
export async function told(
  work: Promise<unknown>,
): Promise<{ readonly message: string; readonly hint?: string | undefined }> {
  const error = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  if (!isTasksError(error)) throw error
  return { message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) }
}

/** As `listing` tells it, of what arrived here: nobody else may write, and what is private stays so. */
export function harmless(line: string): string {
  const [kind, mode = '', size, time, ...rest] = line.split(' ')
  const is = Number.parseInt(mode, 8)
  const kept = kind === 'l' ? is : (is & 5) === 0 ? is & 0o700 : is & 0o755
  return [kind, kept.toString(8), size, time, ...rest].join(' ')
}
