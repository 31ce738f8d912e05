import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { isTasksError, TasksError } from '../core/errors.ts'
import type { ConfigFile } from './config-file.ts'
import type { LoadModule } from './load-module.ts'

interface ReadOptions {
  /** What the file is called in messages. */
  readonly name: string
  readonly load: LoadModule
}

/** What a config file says, unchecked. Throws a `config` error that says where the file is broken. */
export async function readConfig({ path: file, kind }: ConfigFile, options: ReadOptions): Promise<unknown> {
  return await reading(file, options.name, async () => {
    if (kind === 'module') return await exported(await readModule(file, options), options.name)
    const text = await readFile(file, 'utf8')
    if (kind === 'yaml') return (await import('./explorer.ts')).parsedYaml(file, text) ?? {}
    const parsed: unknown = JSON.parse(text)
    return kind === 'package' ? (parsed as { readonly tasks: unknown }).tasks : parsed
  })
}

/** What a module of the project exports. Throws a `config` error that says where the file is broken. */
export async function readModule(
  file: string,
  { name, load }: ReadOptions,
): Promise<Readonly<Record<string, unknown>>> {
  return await reading(file, name, () => load(file))
}

async function reading<T>(file: string, name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (isTasksError(cause)) throw cause
    throw unreadable(cause, name, file)
  }
}

function exported({ default: config }: Readonly<Record<string, unknown>>, name: string): unknown {
  if (config !== undefined) return config
  throw new TasksError({
    code: 'config',
    message: `Cannot read "${name}", because it has no default export.`,
    hint: 'write: export default defineConfig({ … })',
  })
}

/** Compilers tell where they stopped each in their own way. Of what they say only that is kept: the rest quotes the file, and its secrets. */
function unreadable(cause: unknown, name: string, file: string): TasksError {
  const said = cause instanceof Error ? cause.message : wordsOf(cause)
  const thrown = { because: `it throws: ${firstLine(said)}`, output: placeOf(cause, file) }
  const { because, ...rest } = tooDeep(cause) ?? syntaxFault(said, file) ?? missingImport(said) ?? thrown
  return new TasksError({ code: 'config', message: `Cannot read "${name}", because ${because}.`, ...rest, cause })
}

interface Reason {
  readonly because: string
  readonly hint?: string
  readonly output?: string | undefined
}

/** Not everything that can be thrown has words. */
function wordsOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null ? 'an object' : String(thrown)
}

function tooDeep(cause: unknown): Reason | undefined {
  return cause instanceof RangeError ? { because: 'it is nested too deeply' } : undefined
}

function syntaxFault(said: string, file: string): Reason | undefined {
  const code = /^ParseError: (.*?)\s*\n (.*):(\d+):\d+$/s.exec(said)
  if (code !== null) {
    const where =
      code[2] === file ? `line ${code[3]}` : `line ${code[3]} of "${path.relative(path.dirname(file), code[2] ?? '')}"`
    return {
      because: `${where} is not valid ${/\.m?ts$/.test(code[2] ?? '') ? 'TypeScript' : 'JavaScript'}: ${lowered(code[1])}`,
    }
  }
  const yaml = /^YAML Error in .*:\n(.*) \((\d+):\d+\)/.exec(said)
  if (yaml !== null) return { because: `line ${yaml[2]} is not valid YAML: ${lowered(yaml[1])}` }
  const json = /^(.*?)(?:,| in JSON| is not valid JSON).*/s.exec(said)
  return /JSON/.test(said) ? { because: `it is not valid JSON: ${lowered(json?.[1])}` } : undefined
}

function missingImport(said: string): Reason | undefined {
  const module = /^Cannot find (?:module|package) '([^']+)'/.exec(said)?.[1]
  if (module === undefined) return undefined
  const because = `"${module}", which it imports, cannot be found`
  return /^[./]/.test(module) ? { because } : { because, hint: `run: npm install --save-dev ${module}` }
}

function placeOf(cause: unknown, file: string): string | undefined {
  if (!(cause instanceof Error)) return undefined
  const at = cause.stack?.split('\n').find((line) => line.includes(`${file}:`) && line.trim().startsWith('at '))
  return at === undefined ? undefined : `at ${at.slice(at.indexOf(file)).replace(/:(\d+):\d+\)?$/, ':$1')}`
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/\.$/, '')
}

function lowered(text = ''): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
