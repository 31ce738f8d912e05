import type { z } from 'zod'
import { TasksError } from '../core/errors.ts'
import { normalSiteName } from './names.ts'
import { type CheckedConfig, configSchema } from './schema.ts'
import { partsOf, unwrapped } from './schema-parts.ts'
import { strangeValues } from './strange-values.ts'
import { nearest } from './suggestion.ts'

/** The config with every default filled in; throws a `config` error that names each wrong key, and never a value. */
export function checkedConfig(config: unknown, fileName: string): CheckedConfig {
  const { checked, faults } = answered(config, fileName)
  if (checked !== undefined && faults.length === 0) return checked
  throw refused(faults, fileName)
}

interface Answer {
  readonly checked?: CheckedConfig
  readonly faults: readonly Fault[]
}

/** A config is code where a person wants it to be: a getter may throw. */
function answered(config: unknown, fileName: string): Answer {
  try {
    const strange = strangeValues(config)
    if (strange.length > 0) return { faults: strange }
    const parsed = configSchema.safeParse(config)
    if (parsed.success) return { checked: parsed.data, faults: namingFaults(parsed.data) }
    return { faults: parsed.error.issues.flatMap((issue) => faultsOf(issue, config)) }
  } catch (cause) {
    const because = cause instanceof Error ? cause.message : typeof cause
    throw new TasksError({
      code: 'config',
      message: `Cannot read "${fileName}", because it throws: ${because}.`,
      cause,
    })
  }
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
      if (!/^[A-Za-z_$][\w$-]*$/.test(word) || word.length > longestWord) return `[${quoted(word)}]`
      return index === 0 ? word : `.${word}`
    })
    .join('')
}

const longestWord = 80

/** Between quotes, and not longer than a message bears. */
function quoted(word: string): string {
  return JSON.stringify(word.length > longestWord ? `${word.slice(0, longestWord)}…` : word)
}

/** The most that is told at once. */
const mostFaults = 20

/** One fault is told with its hint; several are told a line each, so that nobody must run the program once for each. */
function refused(faults: readonly Fault[], fileName: string): TasksError {
  const [only, ...others] = faults
  const sentences = faults.slice(0, mostFaults).map(({ path, because, hint }) => {
    const where = path.length === 0 ? '' : `${keyPath(path)}: `
    return `${fileName}: ${where}${because}${hint === undefined || others.length === 0 ? '' : ` (${hint})`}.`
  })
  return new TasksError({
    code: 'config',
    message: [...sentences, ...(faults.length > mostFaults ? [`${fileName}: and more of this kind.`] : [])].join('\n'),
    hint: others.length === 0 ? only?.hint : undefined,
  })
}

/** What only the whole config can tell: names that nothing has, and names that two have. */
function namingFaults(config: CheckedConfig): readonly Fault[] {
  const seen = new Set<string>()
  const twins = Object.keys(config.sites).filter((name) => seen.size === seen.add(normalSiteName(name)).size)
  const doubled = twins.map((name) => ({ path: ['sites', name], because: 'another key names the same site' }))
  return [...doubled, ...groupFaults(config), ...unknownNames(config)]
}

function groupFaults({ groups, hosts }: CheckedConfig): readonly Fault[] {
  const roles = Object.values(hosts).flatMap((host) => host.roles)
  return Object.entries(groups).flatMap(([name, members]) => [
    ...(name === 'all' ? [{ path: ['groups', name], because: 'every host is in this group already' }] : []),
    ...(roles.includes(name) ? [{ path: ['groups', name], because: 'a role of hosts has the same name' }] : []),
    ...members.flatMap((word, index) =>
      missingName(['groups', name, index], { word, kind: 'host', known: Object.keys(hosts) }),
    ),
  ])
}

function unknownNames(config: CheckedConfig): readonly Fault[] {
  const [hosts, stages] = [Object.keys(config.hosts), Object.keys(config.stages)]
  return Object.entries(config.sites).flatMap(([name, site]) => [
    ...missingName(['sites', name, 'host'], { word: site.host, kind: 'host', known: hosts }),
    ...missingName(['sites', name, 'stage'], { word: site.stage, kind: 'stage', known: stages }),
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
  const hint = meant === undefined ? `add ${quoted(word)} to ${kind}s` : `did you mean ${quoted(meant)}?`
  return [{ path, because: `there is no ${kind} ${quoted(word)}`, hint }]
}

function faultsOf(issue: z.core.$ZodIssue, config: unknown): readonly Fault[] {
  const { path } = issue
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.slice(0, mostFaults + 1).map((key) => ({
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
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return (
    { string: 'text', number: 'a number', boolean: String(value), object: 'an object', function: 'a function' }[
      typeof value as string
    ] ?? `a ${typeof value}`
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
  const { shape, valueType, element } = partsOf(unwrapped(schema))
  const [key, ...rest] = path
  if (key === undefined) return Object.keys(shape ?? {})
  const inner = shape?.[String(key)] ?? valueType ?? element
  return inner === undefined ? [] : keysAt(inner, rest)
}
