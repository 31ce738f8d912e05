import type { Explanation } from '../../core/step.ts'

interface Reason {
  readonly sign: RegExp
  readonly because: (match: RegExpExecArray, python: string) => Explanation
}

/** What pip's kilobytes mean, in one line. Nothing where they say nothing that we know. */
export function pipExplained(output: string, python: string): Explanation | undefined {
  for (const { sign, because } of reasons) {
    const match = sign.exec(output)
    if (match !== null) return because(match, python)
  }
  return undefined
}

const unreachableSign =
  /NewConnectionError|Temporary failure in name resolution|ConnectTimeoutError|Network is unreachable|ProxyError/
const wrongTimeSign = /certificate is not yet valid|certificate has expired/
const untrustedSign = /SSLCertVerificationError|CERTIFICATE_VERIFY_FAILED/

const reasons: readonly Reason[] = [
  {
    sign: /ensurepip is not available|No module named (?:venv|ensurepip)/,
    because: (_, python) => ({
      message: `Cannot make a virtualenv, because the package python${python}-venv is not installed.`,
      hint: 'run: tasks provision',
    }),
  },
  {
    sign: /python(3\.\d+): (?:not found|command not found)|(?:env|exec).*python(3\.\d+).*No such file/,
    because: (match) => ({
      message: `Cannot make a virtualenv, because this host has no Python ${match[1] ?? match[2]}.`,
      hint: 'remove app.python to use the Python that the host has',
    }),
  },
  {
    sign: /Could not find a version that satisfies the requirement (\S+)/,
    because: (match, python) => notFound(match, python),
  },
  {
    sign: /Package '([^']+)' requires a different Python: \S+ not in '([^']+)'/,
    because: ([, name = '', range = ''], python) => tooOld(name, range, python),
  },
  { sign: unreachableSign, because: () => unreachable('the requirements') },
  { sign: wrongTimeSign, because: () => wrongTime },
  { sign: untrustedSign, because: () => untrusted },
  {
    sign: /pg_config executable not found|Error: pg_config/,
    because: () => missingHeaders('psycopg2', ['build-essential', 'python3-dev', 'libpq-dev']),
  },
  {
    sign: /mysql_config|pkg-config.*(?:mysqlclient|mariadb)/,
    because: () =>
      missingHeaders('mysqlclient', ['build-essential', 'python3-dev', 'pkg-config', 'default-libmysqlclient-dev']),
  },
  {
    sign: /(?:unable to execute|command) '?(?:[\w-]*gcc|cc)'?|error: command .*gcc.* failed|Python\.h: No such file|[Nn]o such file or directory: '(?:[\w-]*gcc|cc)'|Unknown compiler/,
    because: (match) => missingHeaders(failedWheel(match.input), ['build-essential', 'python3-dev']),
  },
  {
    sign: /No matching distribution found for (\S+)/,
    because: ([, name = '']) => ({
      message: `Cannot install "${name}", because the package index does not have it.`,
      hint: 'check the name and the version in the requirements',
    }),
  },
  {
    sign: /Could not open requirements file: .*?'([^']+)'/,
    because: ([, name = '']) => ({
      message: `Cannot install the requirements, because the commit has no file "${name}".`,
      hint: 'commit it, or set app.requirements',
    }),
  },
  {
    sign: /Cannot install (.+?) because these package versions have conflicting dependencies/,
    because: ([, names = '']) => ({
      message: `Cannot install ${names}, because they need different versions of the same package.`,
      hint: 'loosen one of the versions in the requirements',
    }),
  },
  {
    sign: /THESE PACKAGES DO NOT MATCH THE HASHES/,
    because: () => ({
      message: 'Cannot install the requirements, because a package does not match its hash.',
      hint: 'make the hashes in the requirements anew',
    }),
  },
  {
    sign: /In --require-hashes mode, all requirements must have[^\n]*|Hashes are required in --require-hashes mode/,
    because: () => ({
      message: 'Cannot install the requirements, because some have hashes and others have none.',
      hint: 'give all of them one, gunicorn too: pip-compile --generate-hashes',
    }),
  },
  {
    sign: /\u2570\u2500> \[\d+ lines? of output\]\n([\s\S]*?)\[end of output\]/,
    because: ({ input, 1: words = '' }) => ({
      message: `Cannot install "${failedWheel(input)}", because it cannot be built${lastLine(words)}.`,
      hint: 'ask for a version that has a wheel for this Python, or correct what its build misses',
    }),
  },
]

function unreachable(what: string): Explanation {
  return {
    message: `Cannot install ${what}, because this host does not reach the package index.`,
    hint: "check the host's network, and its /etc/pip.conf",
  }
}

const wrongTime: Explanation = {
  message:
    "Cannot install the requirements, because the package index's certificate is not valid at the time that this host's clock tells.",
  hint: 'look at the clock on the host: timedatectl; to let it be set: sudo timedatectl set-ntp true',
}

const untrusted: Explanation = {
  message: "Cannot install the requirements, because this host does not trust the package index's certificate.",
  hint: "add the authority's certificate to /usr/local/share/ca-certificates on the host, and run: update-ca-certificates",
}

function notFound({ input, 1: name = '' }: RegExpExecArray, python: string): Explanation {
  const version = /==([\w.]+)/.exec(name)?.[1]
  const ignored = /Ignored the following versions that require a different python version: (.+)/.exec(input)?.[1] ?? ''
  const ranges = [...ignored.matchAll(/(\S+) Requires-Python ([^;]+)/g)]
  const exact = ranges.find(([, number]) => number === version) ?? (version === undefined ? ranges.at(-1) : undefined)
  if (exact?.[2] !== undefined) return tooOld(name, exact[2], python)
  if (unreachableSign.test(input)) return unreachable(`"${name}"`)
  if (wrongTimeSign.test(input)) return wrongTime
  if (untrustedSign.test(input)) return untrusted
  return {
    message: `Cannot install "${name}", because the package index has no such version for Python ${python}.`,
    hint: 'check the name and the version in the requirements',
  }
}

const debians = [
  ['Debian 12', '3.11'],
  ['Debian 13', '3.13'],
] as const

function tooOld(name: string, range: string, python: string): Explanation {
  const fits = debians.find(([, version]) => isInRange(version, range))
  const way =
    fits === undefined
      ? 'ask for a version that this Python can run'
      : `use a host with ${fits[0]}, which has Python ${fits[1]}, or ask for an older version`
  return {
    message: `Cannot install "${name}", because it needs Python ${range.trim().replaceAll(',', ', ')} and this host has ${python}.`,
    hint: way,
  }
}

/** Only the bounds that packages use to say which minor versions they run on. */
function isInRange(version: string, range: string): boolean {
  const minor = minorOf(version)
  return range.split(',').every((part) => {
    const [, operator = '', bound = ''] = /^\s*(>=|<=|<|>|!=|==|~=)\s*([\d.]+)/.exec(part) ?? []
    const edge = minorOf(bound)
    if (operator === '>=' || operator === '~=' || operator === '>') return minor >= edge
    if (operator === '<') return minor < edge
    return operator !== '<=' || minor <= edge
  })
}

function minorOf(version: string): number {
  const [major = '0', minor = '0'] = version.split('.')
  return Number(major) * 1000 + Number(minor)
}

/** As the end of a sentence. */
function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1)?.trim().replace(/\.$/, '') ?? ''
  return line === '' ? '' : `: ${line}`
}

function failedWheel(output: string): string {
  const named = /Failed building wheel for (\S+)|Could not build wheels for ([^\s,]+)/
    .exec(output)
    ?.slice(1)
    .find(Boolean)
  return named ?? [...output.matchAll(/^(?:Collecting|Processing) (\S+)/gm)].at(-1)?.[1] ?? 'a package'
}

function missingHeaders(name: string, packages: readonly string[]): Explanation {
  return {
    message: `Cannot install ${name}, because it is compiled while it is installed, and the host lacks what that needs.`,
    hint: `set app.packages: [${packages.map((each) => `'${each}'`).join(', ')}]`,
  }
}
