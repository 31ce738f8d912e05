import type { DjangoProject } from './detect.ts'
import type { EnvironmentName } from './settings-scan.ts'

/** What the environment has to give a site, beside the stage's own dotenv. */
export interface SiteEnvironment {
  readonly values: Readonly<Record<string, string>>
  /** The names that get the host's secret key. */
  readonly secretKeyNames: readonly string[]
  /** Names that the settings cannot do without, and for which nobody has a value. */
  readonly missing: readonly EnvironmentName[]
  /** Names with room for one host only, though the site has more: its aliases are refused there. */
  readonly singleHostNames: readonly string[]
}

interface Site {
  readonly siteName: string
  readonly aliases: readonly string[]
  /** The names in the stage's dotenv; their values are the person's, and stay. */
  readonly stageDotenvNames: readonly string[]
}

/** Answers the names that the project's settings ask for, as a site in production would. */
export function environmentFor(project: Pick<DjangoProject, 'environment'>, site: Site): SiteEnvironment {
  const open = project.environment.filter(({ name }) => !site.stageDotenvNames.includes(name))
  const values: Record<string, string> = {}
  if (!site.stageDotenvNames.includes('SITENAME')) values.SITENAME = site.siteName
  for (const name of open) {
    const value = valueFor(name, site)
    if (value !== undefined) values[name.name] = value
  }
  const keys = ['DJANGO_SECRET_KEY', ...open.filter(({ role }) => role === 'secret-key').map(({ name }) => name)]
  const secretKeyNames = [...new Set(keys)].filter((name) => !site.stageDotenvNames.includes(name))
  return {
    values,
    secretKeyNames,
    missing: open.filter(({ name, isRequired }) => isRequired && !(name in values) && !secretKeyNames.includes(name)),
    singleHostNames: site.aliases.length === 0 ? [] : open.filter(isSingleHost).map(({ name }) => name),
  }
}

function valueFor(name: EnvironmentName, { siteName, aliases }: Site): string | undefined {
  const hosts = [siteName, ...aliases]
  if (name.role === 'debug') return name.off
  if (name.role === 'origins') return hosts.map((host) => `https://${host}`).join(name.separator ?? ',')
  if (name.role !== 'hosts') return undefined
  return name.separator === undefined ? siteName : hosts.join(name.separator)
}

function isSingleHost({ role, separator, name }: EnvironmentName): boolean {
  return role === 'hosts' && separator === undefined && name !== 'SITENAME'
}
