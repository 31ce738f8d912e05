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

/** Finds every name that one settings module asks for. A name that it asks for twice is given once, as what it is most. */
export function environmentNames(path: string, source: string): readonly EnvironmentName[] {
  const lines = logicalLines(source)
  const found = lines.flatMap((line, index) => namesIn(line, lines.slice(index + 1), path))
  return merged(found)
}

/** One entry per name: the weightiest role wins, and required once is required. */
export function merged(names: readonly EnvironmentName[]): readonly EnvironmentName[] {
  const result = new Map<string, EnvironmentName>()
  for (const name of names) {
    const other = result.get(name.name)
    const weightier = other !== undefined && roles.indexOf(other.role) <= roles.indexOf(name.role) ? other : name
    result.set(name.name, { ...weightier, isRequired: name.isRequired || other?.isRequired === true })
  }
  return [...result.values()]
}

const roles: readonly EnvironmentRole[] = ['debug', 'secret-key', 'hosts', 'origins', 'database', 'other']

/** A call or a subscript: `os.environ["X"]`, `os.environ.get("X", …)`, `env.bool("X")`, `config("X")`, `get_env_variable("X")`. */
const reads =
  /(?<what>[A-Za-z_][\w.]*)\s*(?<open>[[(])\s*(?:env\s*=\s*|var_name\s*=\s*)?(?<quote>['"])(?<name>[A-Z][A-Z0-9_]*)\k<quote>\s*(?<next>[,)\]])/g
const presences = /(['"])([A-Z][A-Z0-9_]*)\1\s+(not\s+)?in\s+(?:os\.)?environ\b/g

function namesIn(line: LogicalLine, after: readonly LogicalLine[], path: string): readonly EnvironmentName[] {
  if (/^[rbuf]{0,2}['"]/i.test(line.text)) return []
  const where = `${path}:${line.number}`
  const target = assignedName(line.text)
  const names: EnvironmentName[] = []
  for (const { groups } of line.text.matchAll(reads)) {
    const { what = '', name = '', next = '' } = groups ?? {}
    if (!isEnvironment(what) || name === 'DJANGO_SETTINGS_MODULE') continue
    names.push(described({ name, isRequired: isRequired(what, next), where }, line.text, target))
  }
  for (const [, , name = '', negation] of line.text.matchAll(presences)) {
    names.push(presence({ name, isRequired: false, where }, { line, target, negation, after }))
  }
  for (const name of impliedNames(line.text)) {
    names.push({ name, role: 'database', isRequired: /\benv\.db(_url)?\(\s*\)/.test(line.text), where })
  }
  return names
}

type Found = Pick<EnvironmentName, 'name' | 'isRequired' | 'where'>

function isEnvironment(what: string): boolean {
  return (
    /environ|getenv|(^|[._])env|env($|[._])|^(decouple\.)?config$|env_var|environment/i.test(what) &&
    !/\.(setdefault|pop|prefixed)$/.test(what)
  )
}

/** `get` and `getenv` answer None; anything else raises, unless a default comes next. */
function isRequired(what: string, next: string): boolean {
  return next !== ',' && !/environ\.get$|getenv$/.test(what)
}

function described(found: Found, text: string, target: string | undefined): EnvironmentName {
  const role = roleOf(found.name, target)
  if (role === 'debug') return { ...found, role, off: valueThatIsOff(found.name, text) }
  if (role !== 'hosts' && role !== 'origins') return { ...found, role }
  const separator = separatorIn(text)
  return separator === undefined ? { ...found, role } : { ...found, role, separator }
}

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

/** `int(…)` takes figures only; a comparison says what it compares with; anything else understands "False". */
function valueThatIsOff(name: string, text: string): string {
  const unequal = /(?:!=|\bnot in)\s*[([{]?\s*(['"])(.*?)\1/.exec(text)?.[2]
  if (unequal !== undefined) return unequal
  if (/\bint\(/.test(text)) return '0'
  if (/json\.loads\(|yaml/.test(text)) return 'false'
  return /DEBUG/.test(name) ? 'False' : 'production'
}

/** `"X" in os.environ`: whether it is to be there is told by what DEBUG becomes, here or in the block below. */
function presence(
  found: Found,
  at: { line: LogicalLine; target: string | undefined; negation: string | undefined; after: readonly LogicalLine[] },
): EnvironmentName {
  const set = { ...found, role: 'debug', off: 'y' } as const
  const unset = { ...found, role: 'debug' } as const
  if (at.target === 'DEBUG') return at.negation ? set : unset
  const block = at.after.slice(
    0,
    Math.max(
      0,
      at.after.findIndex((line) => line.indent <= at.line.indent),
    ) || undefined,
  )
  const debug = block.map((line) => /^DEBUG\s*=\s*(True|False)/.exec(line.text)?.[1]).find(Boolean)
  if (debug === undefined) return { ...found, role: roleOf(found.name, undefined) === 'debug' ? 'debug' : 'other' }
  return (debug === 'False') === (at.negation === undefined) ? set : unset
}

function separatorIn(text: string): string | undefined {
  const split = /\.split\(\s*(?:(['"])(.+?)\1)?/.exec(text)
  if (split) return split[2] ?? ' '
  return /\.list\(|Csv\(|subcast|\blist\b/.test(text) ? ',' : undefined
}

/** Calls that mean DATABASE_URL without saying so. */
function impliedNames(text: string): readonly string[] {
  return /\benv\.db(_url)?\(\s*(\)|default)/.test(text) || /dj_database_url\.config\((?!.*\benv\s*=)/.test(text)
    ? ['DATABASE_URL']
    : []
}
