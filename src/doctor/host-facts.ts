import { beginning, end } from './host-program.ts'

/** What a host told of itself; what it could not tell is absent. */
export interface HostFacts {
  /** Seconds since 1970, by its clock. */
  readonly clock?: number
  readonly user: string
  readonly groups: readonly string[]
  readonly system: { readonly ids: readonly string[]; readonly version: string; readonly name: string }
  /** What `systemctl is-system-running` says; `none` where systemd is not in charge. */
  readonly state: string
  readonly failedUnits: readonly string[]
  /** In KiB, by the name that /proc/meminfo has. */
  readonly memory: Readonly<Record<string, number>>
  /** One for each file system. */
  readonly disks: readonly Disk[]
  readonly addresses: readonly string[]
  readonly sudo: string
  /** What sudo said where it wants a password, or refuses. */
  readonly sudoSaid: string
  readonly ports: readonly { readonly port: string; readonly owners: readonly string[] }[]
  readonly hasNginx: boolean
  readonly sites: readonly SiteAnswer[]
}

interface Disk {
  readonly place: string
  readonly kib: number
  /** Undefined where the file system knows no limit. */
  readonly files: number | undefined
}

/** How nginx on the host answers for a site. */
export interface SiteAnswer {
  readonly site: string
  /** nginx was told of it. */
  readonly isLinked: boolean
  /** Empty where nobody answers. */
  readonly status: string
  /** `example.com/8` */
  readonly release: string
}

/** Reads the lines; undefined where the host did not come to the end. */
export function factsIn(output: string): HostFacts | undefined {
  const [, told] = output.split(`${beginning}\n`)
  const lines = told?.split('\n') ?? []
  if (!lines.includes(end)) return undefined
  const all = (name: string) =>
    lines.filter((line) => line === name || line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))
  const one = (name: string) => all(name)[0] ?? ''
  const words = (name: string) => one(name).split(' ').filter(Boolean)
  const [id = '', like = '', version = '', name = ''] = one('system').split('|')
  const clock = numberIn(one('clock'))
  return {
    ...(clock !== undefined && { clock }),
    user: one('user'),
    groups: words('groups'),
    system: { ids: [id, ...like.split(' ')], version, name },
    state: one('state'),
    failedUnits: all('failed'),
    memory: Object.fromEntries(all('memory').map(memoryIn)),
    disks: disksIn(all('disk')),
    addresses: words('addresses'),
    sudo: one('sudo'),
    sudoSaid: one('refused'),
    ports: all('listens').map(portIn),
    hasNginx: one('nginx') === 'active',
    sites: all('site').map(siteIn),
  }
}

function memoryIn(line: string): readonly [string, number] {
  const [name = '', kib = ''] = line.split(' ')
  return [name.replace(':', ''), Number(kib)]
}

/** Several places may lie on one file system: the first stands for it. */
function disksIn(lines: readonly string[]): readonly Disk[] {
  const disks = new Map<string, Disk>()
  for (const line of lines) {
    const [, id = '', blocks, size, files, allFiles, place = ''] =
      /^(\S+) (\d+) (\d+) (\d+|-) (\d+|-) (\/.*)$/.exec(line) ?? []
    const isLimited = Number(allFiles) > 0
    const disk = { place, kib: (Number(blocks) * Number(size)) / 1024, files: isLimited ? Number(files) : undefined }
    if (place !== '' && !disks.has(id)) disks.set(id, disk)
  }
  return [...disks.values()]
}

function portIn(line: string): HostFacts['ports'][number] {
  const [port = '', ...owners] = line.split(' ').filter(Boolean)
  return { port, owners }
}

function siteIn(line: string): SiteAnswer {
  const [site = '', link, status = '', release = ''] = line.split('|')
  return { site, isLinked: link === 'yes', status: /^[1-5]\d\d$/.test(status) ? status : '', release }
}

function numberIn(word: string): number | undefined {
  return /^\d{1,12}$/.test(word) ? Number(word) : undefined
}
