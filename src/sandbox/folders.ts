import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { TasksError } from '../core/errors.ts'

/** What is up right now, for every checkout on this machine. Emptied by a reboot of the machine. */
export const stateFolder = '/run/tasks-sandbox'

/** Where images, layers, downloads and the hosts' own files are kept: `$TASKS_SANDBOX_CACHE`, or a folder in `/var/cache`. */
export function cacheFolder(): string {
  const folder = process.env.TASKS_SANDBOX_CACHE || '/var/cache/tasks-sandbox'
  if (!folder.startsWith('/') || /[:,\\\s"]/.test(folder)) {
    throw new TasksError({
      code: 'usage',
      message: `Cannot keep sandbox hosts in "${folder}", because an overlay takes only an absolute path without colons, commas, quotes and spaces.`,
      hint: 'set TASKS_SANDBOX_CACHE to such a folder',
    })
  }
  return folder
}

export function inCache(...parts: readonly string[]): string {
  return join(cacheFolder(), ...parts)
}

/** Makes the folders that everything else expects, open to root alone where keys are kept. */
export function makeFolders(): void {
  mkdirSync(stateFolder, { recursive: true })
  for (const part of ['images', 'layers', 'hosts', 'apt', 'pip', 'locks']) mkdirSync(inCache(part), { recursive: true })
  chmodSync(cacheFolder(), 0o711)
  chmodSync(inCache('hosts'), 0o711)
}
