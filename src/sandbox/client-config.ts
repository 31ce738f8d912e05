import type { Debian } from './host.ts'

export const codenames = { 12: 'bookworm', 13: 'trixie' } as const satisfies Record<Debian, string>

interface AptTargets {
  readonly debian: Debian
  /** Lines of `apt-get indextargets`: what it is, URI, suite, component. */
  readonly targets: string
  /** The text of /etc/os-release. */
  readonly release: string
}

/**
 * The APT sources for a host: this machine's own URIs, with the suites of the host's release in place of the machine's.
 * Both values are undefined on a machine that is not Debian, whose URIs say nothing about Debian.
 */
export function aptSources({ debian, targets, release }: AptTargets): {
  readonly mirror: string | undefined
  readonly text: string | undefined
} {
  const uris = new Map<string, string>()
  if (!/^ID=debian$/m.test(release)) return { mirror: undefined, text: undefined }
  const own = /^VERSION_CODENAME=(.+)$/m.exec(release)?.[1] ?? 'stable'
  const suites = new RegExp(`^(?:${own}|stable|oldstable|testing)(|-updates|-security)$`)
  for (const line of targets.split('\n')) {
    const [kind, uri = '', suite = '', component] = line.split(' ')
    const part = suites.exec(suite)?.[1]
    if (kind === 'Packages' && component === 'main' && part !== undefined && !uris.has(part)) uris.set(part, uri)
  }
  const stanzas = [...uris].map(([part, uri]) => stanza(uri, `${codenames[debian]}${part}`))
  return { mirror: uris.get(''), text: uris.has('') ? stanzas.join('\n') : undefined }
}

/** The lines of `apt-config dump` that say how to fetch and whom to trust. */
export function aptClientConfig(dump: string): string {
  const wanted = /^Acquire::(https?::.*|Check-Valid-Until|Check-Date|Retries|ForceIPv[46]) ".+";$/i
  return dump
    .split('\n')
    .filter((line) => wanted.test(line))
    .map((line) => `${line}\n`)
    .join('')
}

interface PipSettings {
  /** The text of this machine's /etc/pip.conf. */
  readonly text: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isFile: (path: string) => boolean
}

const pipKeys = new Set([
  'index-url',
  'extra-index-url',
  'trusted-host',
  'cert',
  'client-cert',
  'proxy',
  'timeout',
  'retries',
  'no-index',
])

/** A host's /etc/pip.conf: what the machine's file and its `PIP_*` variables (which win) say about where to fetch and whom to trust. */
export function pipConfig({ text, env, isFile }: PipSettings): string {
  const settings = new Map<string, string>()
  for (const [key, value] of [...globalSection(text), ...variables(env)]) {
    const name = key.replace(/^default-/, '')
    if (!pipKeys.has(name)) continue
    if (name.endsWith('cert') && !isFile(value)) continue
    settings.set(name, value)
  }
  const lines = [...settings].map(([key, value]) => `${key} = ${value.split(/\s+/).join('\n    ')}`)
  return ['[global]', ...lines, 'cache-dir = /var/cache/pip', ''].join('\n')
}

/** A host's /etc/environment: the proxies, which every session and sudo then have. */
export function sessionEnvironment(env: Readonly<Record<string, string | undefined>>): string {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']
  return names.flatMap((name) => (env[name] ? [`${name}="${env[name]}"\n`] : [])).join('')
}

/** The files that a configuration names, but for those that every host has of its own. */
export function fileReferences(config: string): readonly string[] {
  const found = config.match(/(?<=["=]\s*)\/[^\s";]+/g) ?? []
  return found.filter((path) => !path.startsWith('/etc/ssl/certs/') && !path.startsWith('/var/cache/'))
}

function stanza(uri: string, suite: string): string {
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
  return `Types: deb\nURIs: ${uri}\nSuites: ${suite}\nComponents: main\nSigned-By: ${keyring}\n`
}

function globalSection(text: string): readonly (readonly [string, string])[] {
  const found: [string, string][] = []
  let section = ''
  for (const line of text.split('\n')) {
    const header = /^\[(.+)\]/.exec(line)?.[1]
    const setting = /^([\w-]+)\s*[=:]\s*(.*)$/.exec(line)
    const last = found.at(-1)
    if (header) section = header
    else if (section !== 'global') continue
    else if (setting) found.push([setting[1]?.replaceAll('_', '-') ?? '', setting[2]?.trim() ?? ''])
    else if (/^\s+\S/.test(line) && last) last[1] = `${last[1]} ${line.trim()}`.trim()
  }
  return found
}

function variables(env: PipSettings['env']): readonly (readonly [string, string])[] {
  return Object.entries(env).flatMap(([name, value]) =>
    name.startsWith('PIP_') && value ? [[name.slice(4).toLowerCase().replaceAll('_', '-'), value] as const] : [],
  )
}
