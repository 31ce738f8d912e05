import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { aptClientConfig, aptSources, fileReferences, pipConfig, sessionEnvironment } from './client-config.ts'
import type { Debian } from './host.ts'
import { run } from './shell.ts'

/** A file that a host gets from this machine, by its path on the host. */
export interface SettingsFile {
  readonly path: string
  readonly text: string
  readonly mode: number
}

/** Where this machine fetches packages from and whom it trusts, as files for a host. */
export interface MachineSettings {
  /** The archive that debootstrap is to use; undefined leaves it the one that it knows. */
  readonly mirror: string | undefined
  /** `http_proxy` and the like for debootstrap. */
  readonly proxies: Readonly<Record<string, string>>
  readonly files: readonly SettingsFile[]
  /** Changes whenever one of the files does. */
  readonly hash: string
}

/** Reads this machine's own client configuration: APT, pip, certificates, proxies. */
export async function machineSettings(debian: Debian): Promise<MachineSettings> {
  const aptConf = aptClientConfig((await run(['apt-config', 'dump'])).stdout)
  const sources = aptSources({ debian, targets: await indexTargets(), release: read('/etc/os-release') ?? '' })
  const pip = pipConfig({ text: read('/etc/pip.conf') ?? '', env: process.env, isFile: existsSync })
  const files = [
    ...certificates(),
    ...(sources.text ? [file('/etc/apt/sources.list.d/debian.sources', sources.text)] : []),
    file('/etc/apt/apt.conf.d/80sandbox', `${aptConf}Binary::apt::APT::Keep-Downloaded-Packages "1";\n`),
    ...folder('/etc/apt/auth.conf.d', 0o600),
    file('/etc/pip.conf', pip),
    file('/etc/environment', sessionEnvironment(process.env)),
    ...fileReferences(`${aptConf}\n${pip}`).flatMap((path) => present(path)),
  ]
  const hash = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 12)
  return { mirror: process.env.TASKS_SANDBOX_MIRROR || sources.mirror, proxies: proxies(aptConf), files, hash }
}

/** This machine's resolv.conf, without the nameservers on its own loopback, which a host could not reach. */
export function resolvConf(): string {
  const own = read('/etc/resolv.conf') ?? ''
  const isLoopback = /^nameserver\s+(127\.|::1)/m.test(own)
  const behind = isLoopback ? read('/run/systemd/resolve/resolv.conf') : undefined
  return behind ?? own
}

function certificates(): readonly SettingsFile[] {
  return folder('/usr/local/share/ca-certificates', 0o644).filter((found) => found.path.endsWith('.crt'))
}

async function indexTargets(): Promise<string> {
  // Without "Created-By" no option keeps the Packages files from being listed beside their siblings.
  return (await run(['apt-get', 'indextargets', '--format', '$(CREATED_BY) $(REPO_URI) $(RELEASE) $(COMPONENT)']))
    .stdout
}

function proxies(aptConf: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const scheme of ['http', 'https']) {
    const proxy = new RegExp(`^Acquire::${scheme}::Proxy "([^"]+)";`, 'mi').exec(aptConf)?.[1]
    if (proxy && proxy !== 'DIRECT') found[`${scheme}_proxy`] = proxy
  }
  return found
}

function file(path: string, text: string, mode = 0o644): SettingsFile {
  return { path, text, mode }
}

function present(path: string): readonly SettingsFile[] {
  const text = read(path)
  return text === undefined ? [] : [file(path, text)]
}

function folder(path: string, mode: number): readonly SettingsFile[] {
  if (!existsSync(path)) return []
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .sort()
    .flatMap((name) => {
      const text = read(join(path, name))
      return text === undefined ? [] : [file(join(path, name), text, mode)]
    })
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
