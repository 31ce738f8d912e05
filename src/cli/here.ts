import { readFileSync } from 'node:fs'
import { TasksError } from '../core/errors.ts'
import type { AnyTask } from '../core/task.ts'
import { type Arguments, type Gathered, gathered, missingArgument, type Words } from './task-params.ts'

/** What the command line and this process's environment say of a task's arguments. Throws where one is missing, and nobody can be asked for it. */
export function gatheredHere(task: AnyTask, words: Words): Gathered {
  const found = gathered(task, words, { environment: process.env, textOf: textOfSecret })
  const [first] = found.missing
  if (first !== undefined && !process.stdin.isTTY) throw missingArgument(task, first)
  return found
}

/** The arguments, with those that were missing as a person gives them. */
export async function completed({ values, missing }: Gathered): Promise<Arguments> {
  if (missing.length === 0) return values
  const { askedFor } = await import('./ask-params.ts')
  return { ...values, ...(await askedFor(missing)) }
}

/** A file's last line break is the editor's, not the secret's. */
export function textOfSecret(file: string, flag: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new TasksError({
      code: 'usage',
      message: `Cannot read ${JSON.stringify(file)} for ${flag}, because ${reasonOf(cause)}.`,
      hint: `write: ${flag} <FILE>`,
      cause,
    })
  }
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  return code === 'EISDIR' ? 'it is a folder' : 'you may not read it'
}
