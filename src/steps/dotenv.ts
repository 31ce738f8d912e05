import { parseEnv } from 'node:util'
import { type Secret, secret } from '../core/data.ts'
import { TasksError } from '../core/errors.ts'
import { checkVariable, environmentLines } from './environment-file.ts'

/** A stage's variables, ready for the host. */
export interface StageVariables {
  readonly names: readonly string[]
  /** Lines of an environment file. */
  readonly lines: Secret
}

/**
 * Reads the bytes of a dotenv file. Throws a TasksError that names the file, the line and the variable, and never a value,
 * when something in it could not be given to a process as it is. `file` is how the person knows the file.
 */
export function stageVariables(bytes: Uint8Array, file: string): StageVariables {
  const text = decoded(bytes, file).replace(/^\uFEFF/, '')
  const variables = parseEnv(text) as Record<string, string> // every value that it finds is a string
  for (const [name, value] of Object.entries(variables)) checkVariable(name, value, `${file}:${lineOf(text, name)}`)
  refuseWhatWasNotRead(text, file)
  return {
    names: Object.keys(variables),
    lines: secret('stage.env', environmentLines(variables), { hidden: Object.values(variables) }),
  }
}

function decoded(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new TasksError({ code: 'config', message: `Cannot read ${file}, because it is not UTF-8 text.`, cause })
  }
}

function lineOf(text: string, name: string): number {
  const lines = text.split(/\r\n|\r|\n/)
  const found = lines.findLastIndex((line) => line.replace(/^\s*(export\s+)?/, '').startsWith(name))
  return found + 1
}

const assignment = /^\s*(?:export\s+)?([^\s=#]+)[^\S\n]*=[^\S\n]*/
const quoted = /^(?:"[^"]*"|'[^']*'|`[^`]*`)([^\n]*)/

/** The parser drops what stands behind a closing quote, and takes a quote that is never closed as a letter. */
function refuseWhatWasNotRead(text: string, file: string): void {
  let rest = text
  while (rest !== '') {
    const [start = '', name] = assignment.exec(rest) ?? []
    const value = rest.slice(start.length)
    const [whole = /^[^\n]*/.exec(value)?.[0] ?? '', behind = ''] = quoted.exec(value) ?? []
    const problem = /^\s*(#|$)/.test(behind)
      ? /^["'`]/.test(whole) && !quoted.test(whole)
        ? 'its quote is never closed'
        : undefined
      : 'there is more behind its closing quote'
    if (name !== undefined && problem !== undefined) {
      const line = text.slice(0, text.length - rest.length + start.length).split('\n').length
      throw new TasksError({
        code: 'config',
        message: `${file}:${line}: cannot read ${JSON.stringify(name)}, because ${problem}.`,
      })
    }
    rest = rest.slice(start.length + whole.length + 1)
  }
}
