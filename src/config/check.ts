import type { z } from 'zod'
import { TasksError } from '../core/errors.ts'
import { normalSiteName } from './names.ts'
import { type CheckedConfig, configSchema } from './schema.ts'
import { nearest } from './suggestion.ts'

/** The config with every default filled in; throws a `config` error that names each wrong key, and never a value. */
export function checkedConfig(config: unknown, fileName: string): CheckedConfig {
  const parsed = configSchema.safeParse(config)
  const faults = parsed.success
    ? namingFaults(parsed.data)
    : parsed.error.issues.flatMap((issue) => faultsOf(issue, config))
  if (parsed.success && faults.length === 0) return parsed.data
  throw refused(faults, fileName)
}

type Path = readonly PropertyKey[]

interface Fault {
  readonly path: Path
  readonly because: string
  readonly hint?: string | undefined
}

/** The path of a key as one would write it in code: `sites["example.com"].aliases[0]`. */
export function keyPath(path: Path): string {
  return path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`
      const word = String(key)
      if (!/^[A-Za-z_$][\w$-]*$/.test(word)) return `[${JSON.stringify(word)}]`
      return index === 0 ? word : `.${word}`
    })
    .join('')
}

/** One fault is told with its hint; several are told a line each, so that nobody must run the program once for each. */
function refused(faults: readonly Fault[], fileName: string): TasksError {
  const [only, ...others] = faults
  const sentences = faults.map(({ path, because, hint }) => {
    const where = path.length === 0 ? '' : `${keyPath(path)}: `
    return `${fileName}: ${where}${because}${hint === undefined || others.length === 0 ? '' : ` (${hint})`}.`
  })
  return new TasksError({
    code: 'config',
    message: sentences.join('\n'),
    hint: others.length === 0 ? only?.hint : undefined,
  })
}

/** What only the whole config can tell: names that nothing has, and names that two have. */
function namingFaults(config: CheckedConfig): readonly Fault[] {
  const names = Object.keys(config.sites)
  const twins = names.filter(
    (name, index) => names.findIndex((other) => normalSiteName(other) === normalSiteName(name)) < index,
  )
  const doubled = twins.map((name) => ({ path: ['sites', name], because: 'another key names the same site' }))
  return [...doubled, ...unknownNames(config)]
}

function unknownNames(config: CheckedConfig): readonly Fault[] {
  return Object.entries(config.sites).flatMap(([name, site]) => [
    ...missingName(['sites', name, 'host'], { word: site.host, kind: 'host', known: Object.keys(config.hosts) }),
    ...missingName(['sites', name, 'stage'], { word: site.stage, kind: 'stage', known: Object.keys(config.stages) }),
  ])
}

function missingName(
  path: Path,
  {
    word,
    kind,
    known,
  }: { readonly word: string | undefined; readonly kind: string; readonly known: readonly string[] },
): readonly Fault[] {
  if (word === undefined || known.includes(word)) return []
  const meant = nearest(word, known)
  const hint = meant === undefined ? `add "${word}" to ${kind}s` : `did you mean "${meant}"?`
  return [{ path, because: `there is no ${kind} "${word}"`, hint }]
}

function faultsOf(issue: z.core.$ZodIssue, config: unknown): readonly Fault[] {
  const { path } = issue
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        because: 'unknown key',
        hint: keyHint(key, keysAt(configSchema, path)),
      }))
    case 'invalid_type':
      return [{ path, because: typeFault(issue.expected, valueAt(config, path)) }]
    case 'invalid_value': {
      const value = valueAt(config, path)
      const values = issue.values.map(String)
      if (typeof value !== 'string') return [{ path, because: typeFault('string', value) }]
      return [
        { path, because: `expected ${values.map((one) => `"${one}"`).join(' or ')}`, hint: meantHint(value, values) },
      ]
    }
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ path, because: message }))
    default:
      return [{ path, because: issue.message }]
  }
}

function keyHint(key: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined
  return meantHint(key, known) ?? `use one of: ${known.join(', ')}`
}

function meantHint(word: string, known: readonly string[]): string | undefined {
  const meant = nearest(word, known)
  return meant === undefined ? undefined : `did you mean "${meant}"?`
}

function typeFault(expected: string, value: unknown): string {
  return value === undefined ? 'missing key' : `expected ${typeWords[expected] ?? expected}, found ${typeOf(value)}`
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return (
    { string: 'text', number: 'a number', boolean: String(value), object: 'an object', function: 'a function' }[
      typeof value as string
    ] ?? typeof value
  )
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce(
    (inner: unknown, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  )
}

/** The keys that the schema knows at a path, through optionals, defaults, lists and records. */
function keysAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  const { def } = schema._zod as unknown as { readonly def: SchemaParts }
  if (def.innerType !== undefined) return keysAt(def.innerType, path)
  const [key, ...rest] = path
  if (key === undefined) return Object.keys(def.shape ?? {})
  const inner = def.shape?.[String(key)] ?? def.valueType ?? def.element
  return inner === undefined ? [] : keysAt(inner, rest)
}

/** What our schemas are made of, as far as the way to a key is concerned. */
interface SchemaParts {
  readonly innerType?: z.core.$ZodType
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>
  readonly valueType?: z.core.$ZodType
  readonly element?: z.core.$ZodType
}
