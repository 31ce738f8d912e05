import { randomBytes } from 'node:crypto'
import { lstatSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { TasksError } from '../core/errors.ts'

/** Throws a `usage` error where a page cannot be put into this file, before anything is asked of a host for it. */
export function requireWritable(file: string): void {
  const folder = path.dirname(path.resolve(file))
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw unwritable(file, `there is no folder ${JSON.stringify(folder)}`, 'make the folder, or name another one')
  const there = lstatSync(file, { throwIfNoEntry: false })
  if (file === '' || there?.isFile() === false)
    throw unwritable(file, 'it is no regular file', 'name a file that is not there yet')
}

/** Puts a page into a file, whole or not at all. A page may hold what a host said: it is for its owner alone. */
export function writePage(file: string, page: string): void {
  const beside = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(4).toString('hex')}`)
  try {
    writeFileSync(beside, page, { mode: 0o600, flag: 'wx', flush: true })
    renameSync(beside, file)
  } catch (error) {
    rmSync(beside, { force: true })
    const because = error instanceof Error ? error.message.replace(/^\w+: |, .*$/g, '') : String(error)
    throw unwritable(file, because, 'look at the folder and the room on its disk')
  }
}

function unwritable(file: string, because: string, hint: string): TasksError {
  return new TasksError({
    code: 'usage',
    message: `Cannot write the report to ${JSON.stringify(file)}, because ${because}.`,
    hint,
  })
}
