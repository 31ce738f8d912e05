import { type Secret, secret } from '../core/data.ts'
import { TasksError } from '../core/errors.ts'
import { assignmentsIn } from './dotenv-text.ts'
import { checkVariable, environmentLines } from './environment-file.ts'

/** A stage's variables, ready for the host. */
export interface StageVariables {
  readonly names: readonly string[]
  /** Lines of an environment file. */
  readonly lines: Secret
}

/**
 * Reads the bytes of a dotenv file. Throws a TasksError that names the file, the line and the variable, and never a value,
 * when something in it could not be given to a process as it is. `file` is how the person knows the file. `open` are words that are said
 * anyway, such as the site's name: a value that is one of them, or a part of one, is not hidden.
 */
export function stageVariables(bytes: Uint8Array, file: string, open: readonly string[] = []): StageVariables {
  const variables = new Map<string, string>()
  for (const { name, value, line } of assignmentsIn(decoded(bytes, file), file)) {
    checkVariable(name, value, `${file}:${line}`)
    variables.set(name, value)
  }
  const hidden = [...variables.values()].filter((value) => !open.some((word) => word.includes(value)))
  return {
    names: [...variables.keys()],
    lines: secret('stage.env', environmentLines(Object.fromEntries(variables)), { hidden }),
  }
}

function decoded(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new TasksError({ code: 'config', message: `Cannot read ${file}, because it is not UTF-8 text.`, cause })
  }
}
