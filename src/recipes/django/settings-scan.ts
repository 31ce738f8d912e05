import { assignedName, type LogicalLine, logicalLines } from './python-source.ts'

/** What a name in the environment is for, told by the setting that it is assigned to, or else by the name. */
export type EnvironmentRole = 'debug' | 'secret-key' | 'hosts' | 'origins' | 'database' | 'other'

/** One name that the settings ask the environment for. */
export interface EnvironmentName {
  readonly name: string
  readonly role: EnvironmentRole
  /** Without it, the settings raise at import. */
  readonly isRequired: boolean
  /** For hosts and origins: what stands between two of them; undefined where there is room for one only. */
  readonly separator?: string
  /** For debug: what switches it off; undefined where that is to leave the name unset. */
  readonly off?: string
  /** File and line, such as `superlists/settings.py:26`. */
  readonly where: string
}

/** A settings module's path and its text. */
export interface SettingsSource {
  readonly path: string
  readonly text: string
}

/** Finds every name that the modules ask for. One that is asked for twice is given once, as what it is most. */
export function environmentNames(sources: readonly SettingsSource[]): readonly EnvironmentName[] {
  const withDefault = new Set(sources.flatMap(({ text }) => schemeNames(text)))
  const result = new Map<string, EnvironmentName>()
  for (const source of sources) {
    const lines = logicalLines(source.text)
    for (const name of lines.flatMap((line, index) => namesIn({ line, after: lines.slice(index + 1), source }))) {
      const other = result.get(name.name)
      const weightier = other !== undefined && roles.indexOf(other.role) <= roles.indexOf(name.role) ? other : name
      const isRequired = (name.isRequired || other?.isRequired === true) && !withDefault.has(name.name)
      result.set(name.name, { ...weightier, isRequired })
    }
  }
  return [...result.values()]
}

const roles: readonly EnvironmentRole[] = ['debug', 'secret-key', 'hosts', 'origins', 'database', 'other']

interface Place {
  readonly line: LogicalLine
  /** The lines that follow it. */
  readonly after: readonly LogicalLine[]
  readonly source: SettingsSource
}

type Found = Pick<EnvironmentName, 'name' | 'isRequired' | 'where'>

/** A call or a subscript: `os.environ["X"]`, `os.environ.get("X", …)`, `env.bool("X")`, `config("X")`, `get_env_variable("X")`. */
const reads = /([A-Za-z_][\w.]*)\s*[[(]\s*(?:env\s*=\s*|var_name\s*=\s*)?(['"])([A-Z][A-Z0-9_]*)\2\s*(?=[,)\]])/g
const presences = /(['"])([A-Z][A-Z0-9_]*)\1\s+(not\s+)?in\s+(?:os\.)?environ\b/g

function namesIn(place: Place): readonly EnvironmentName[] {
  const { text, number } = place.line
  if (/^[rbuf]{0,2}['"]/i.test(text)) return []
  const where = `${place.source.path}:${number}`
  const names: EnvironmentName[] = []
  for (const { 0: whole, 1: what = '', 3: name = '', index } of text.matchAll(reads)) {
    if (!isEnvironment(what) || name === 'DJANGO_SETTINGS_MODULE') continue
    const found = { name, isRequired: isRequired(what, text.slice(index + whole.length)), where }
    names.push(described(found, place, text.slice(0, index)))
  }
  for (const [, , name = '', negation] of text.matchAll(presences)) {
    names.push(presence({ name, isRequired: false, where }, negation !== undefined, place))
  }
  if (impliesDatabaseUrl(text)) {
    names.push({ name: 'DATABASE_URL', role: 'database', isRequired: /\benv\.db(_url)?\(\s*\)/.test(text), where })
  }
  return names
}

function isEnvironment(what: string): boolean {
  return (
    /environ|getenv|(^|[._])env|env($|[._])|^(decouple\.)?config$|env_var|environment/i.test(what) &&
    !/\.(setdefault|pop|prefixed)$/.test(what)
  )
}

/** `get` and `getenv` answer None; anything else raises, unless it has a default: a second argument, or one of that name. */
function isRequired(what: string, rest: string): boolean {
  if (/environ\.get$|getenv$/.test(what)) return false
  const [, first = ''] = /^,\s*((?:\w+\s*=(?!=))?)/.exec(rest) ?? []
  const hasSecond = rest.startsWith(',') && !/^,\s*\)/.test(rest) && first === ''
  return !hasSecond && !/\bdefault\s*=/.test(callRest(rest))
}

/** The text up to the bracket that closes the call. */
function callRest(rest: string): string {
  let depth = 0
  for (const [index, character] of [...rest].entries()) {
    if ('([{'.includes(character)) depth += 1
    if (')]}'.includes(character)) depth -= 1
    if (depth < 0) return rest.slice(0, index)
  }
  return rest
}

/** The names that `environ.Env(DEBUG=(bool, False), …)` gives a default. */
function schemeNames(text: string): readonly string[] {
  const schemes = logicalLines(text).filter((line) => /\bEnv\(/.test(line.text))
  return schemes.flatMap((line) =>
    [...line.text.matchAll(/\b([A-Z][A-Z0-9_]*)\s*=\s*\(/g)].map(([, name = '']) => name),
  )
}

function described(found: Found, { line, source }: Place, before: string): EnvironmentName {
  const role = roleOf(found.name, assignedName(line.text))
  if (role === 'debug') return { ...found, role, off: valueThatIsOff(found.name, line.text, before) }
  if (role === 'other' && isStage.test(found.name)) {
    const production = /(['"])(production|prod|live)\1/.exec(source.text)?.[2]
    return production === undefined ? { ...found, role } : { ...found, role: 'debug', off: production }
  }
  const separator = role === 'hosts' || role === 'origins' ? separatorIn(line.text) : undefined
  return separator === undefined ? { ...found, role } : { ...found, role, separator }
}

const isStage = /(^|_)(ENV|ENVIRONMENT)$/

function roleOf(name: string, target: string | undefined): EnvironmentRole {
  if (target === 'DEBUG') return 'debug'
  if (target === 'SECRET_KEY') return 'secret-key'
  if (target === 'ALLOWED_HOSTS') return 'hosts'
  if (target === 'CSRF_TRUSTED_ORIGINS') return 'origins'
  if (target === 'DATABASES') return 'database'
  if (/^(DJANGO_)?SECRET_KEY$/.test(name)) return 'secret-key'
  if (/^SITENAME$|ALLOWED_HOSTS?$/.test(name)) return 'hosts'
  if (/TRUSTED_ORIGINS$/.test(name)) return 'origins'
  if (/^(DJANGO_)?DEBUG$/.test(name)) return 'debug'
  return name === 'DATABASE_URL' ? 'database' : 'other'
}

/** A comparison says what it compares with, `int(…)` takes figures only, `not` turns it round; anything else understands "False". */
function valueThatIsOff(name: string, text: string, before: string): string {
  const unequal = /(?:!=|\bnot in)\s*[([{]?\s*(['"])(.*?)\1/.exec(text)?.[2]
  if (unequal !== undefined) return unequal
  const isNegated = /\bnot\s+(\w+\()*$/.test(before)
  if (/\bint\(/.test(text)) return isNegated ? '1' : '0'
  if (/json\.loads\(|yaml/.test(text)) return String(isNegated)
  if (isStage.test(name)) return 'production'
  return isNegated ? 'True' : 'False'
}

/** `"X" in os.environ`: whether it is to be there is told by what DEBUG becomes, here or in the block below. */
function presence(found: Found, isNegated: boolean, { line, after }: Place): EnvironmentName {
  const set = { ...found, role: 'debug', off: 'y' } as const
  const unset = { ...found, role: 'debug' } as const
  if (assignedName(line.text) === 'DEBUG') return isNegated ? set : unset
  const end = after.findIndex((next) => next.indent <= line.indent)
  const block = end < 0 ? after : after.slice(0, end)
  const debug = block.map((next) => /^DEBUG\s*=\s*(True|False)/.exec(next.text)?.[1]).find(Boolean)
  if (debug === undefined) return roleOf(found.name, undefined) === 'debug' ? unset : { ...found, role: 'other' }
  return (debug === 'False') === isNegated ? unset : set
}

function separatorIn(text: string): string | undefined {
  const split = /\.split\(\s*(?:(['"])(.+?)\1)?/.exec(text)
  if (split) return split[2] ?? ' '
  return /\.list\(|Csv\(|subcast|\blist\b/.test(text) ? ',' : undefined
}

/** Calls that mean DATABASE_URL without saying so. */
function impliesDatabaseUrl(text: string): boolean {
  return /\benv\.db(_url)?\(\s*(\)|default)/.test(text) || /dj_database_url\.config\((?!.*\benv\s*=)/.test(text)
}
