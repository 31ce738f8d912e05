import { bad, type Found, ok, unknown, warn } from '../core/finding.ts'
import type { HostFacts } from './host-facts.ts'

/** When a host was asked and when it had answered, in seconds by this machine's clock. */
export interface Asked {
  readonly from: number
  readonly to: number
}

/** What of a host is as it has to be, and what is not. */
export function hostFindings(facts: HostFacts, asked: Asked): readonly Found[] {
  return [
    sudoFinding(facts),
    systemFinding(facts),
    stateFinding(facts),
    diskFinding(facts),
    memoryFinding(facts),
    clockFinding(facts, asked),
    ...portFindings(facts),
  ]
}

function sudoFinding({ sudo, sudoSaid, user, groups }: HostFacts): Found {
  const title = 'sudo'
  switch (sudo) {
    case 'root':
      return ok(title, 'not needed: root logs in')
    case 'free':
      return ok(title, `${user} needs no password`)
    case 'password':
      return ok(title, `${user} needs a password, and it is right`)
    case 'missing':
      return bad(title, 'there is none', 'log in as root: --host root@…')
    default:
      return refusedFinding(sudoSaid, user, groups)
  }
}

/** A password was asked for. Where nobody could type it, only the groups tell whether it would be of any use. */
function refusedFinding(said: string, user: string, groups: readonly string[]): Found {
  const title = 'sudo'
  if (/not in the sudoers file|is not allowed to|may not run sudo/.test(said))
    return bad(title, `${user} may not use it`, `as root on the host: usermod -aG sudo ${user}`)
  if (/incorrect password|try again/i.test(said))
    return bad(title, `it refused the password of ${user}`, 'type the password of that user on that host')
  if (!/password|authentication is required/i.test(said)) return bad(title, `it says: ${said}`, 'look at it: sudo -l')
  if (groups.some((group) => ['sudo', 'admin', 'wheel'].includes(group)))
    return ok(title, `${user} needs a password, which is asked for on a terminal`)
  return warn(
    title,
    `it wants a password of ${user}, who is in none of its groups`,
    `as root on the host: usermod -aG sudo ${user}`,
  )
}

function systemFinding({ system }: HostFacts): Found {
  const { ids, version, name } = system
  if (!ids.includes('debian') && !ids.includes('ubuntu'))
    return bad('system', `${name}: not Debian or Ubuntu`, 'install Debian 12 or 13 on it')
  const oldest = { debian: 12, ubuntu: 22 }[ids[0] ?? '']
  if (oldest !== undefined && Number.parseInt(version, 10) < oldest)
    return warn('system', `${name}: older than what is tried`, `from ${ids[0]} ${oldest} on it is known to work`)
  return ok('system', name)
}

function stateFinding({ state, failedUnits }: HostFacts): Found {
  const title = 'systemd'
  const units = failedUnits.slice(0, 5).join(', ')
  switch (state) {
    case 'running':
      return ok(title, 'running')
    case 'none':
      return bad(
        title,
        'it is not in charge',
        'use a whole machine or a system container, not an application container',
      )
    case 'degraded':
      return warn(title, `degraded: ${units === '' ? 'a unit' : units} failed`, 'run on the host: systemctl --failed')
    case 'initializing':
    case 'starting':
      return warn(title, 'the host is still starting', 'wait a minute')
    case '':
      return unknown(title, 'it did not say how it is', 'run on the host: systemctl is-system-running')
    default:
      return bad(title, state, 'run on the host: systemctl status')
  }
}

const mib = 1024
const leastKib = { bad: 100 * mib, warn: 1024 * mib }
const leastFiles = { bad: 1_000, warn: 20_000 }

function diskFinding({ disks }: HostFacts): Found {
  const title = 'disk'
  if (disks.length === 0) return unknown(title, 'it did not say what room there is')
  const isBelow = (level: 'bad' | 'warn') => (disk: HostFacts['disks'][number]) =>
    disk.kib < leastKib[level] && countsFor(disk, level)
  const isCrowded = (level: 'bad' | 'warn') => (disk: HostFacts['disks'][number]) =>
    disk.files !== undefined && disk.files < leastFiles[level] && countsFor(disk, level)
  const full = disks.find(isBelow('bad'))
  if (full)
    return bad(title, `full: ${sizeWords(full.kib)} are free at ${full.place}`, `run on the host: df -h ${full.place}`)
  const crowded = disks.find(isCrowded('bad'))
  if (crowded)
    return bad(
      title,
      `it takes ${crowded.files} more files at ${crowded.place}`,
      `run on the host: df -i ${crowded.place}`,
    )
  const scarce = disks.find(isBelow('warn')) ?? disks.find(isCrowded('warn'))
  if (scarce)
    return warn(
      title,
      `little room: ${roomWords(scarce)} at ${scarce.place}`,
      'a release takes up to 500 MiB while it is made',
    )
  const [first] = disks
  return ok(title, first === undefined ? '' : `${sizeWords(first.kib)} are free at ${first.place}`)
}

/** Kernels and temporary files ask for less than sites do. */
function countsFor({ place }: { readonly place: string }, level: 'bad' | 'warn'): boolean {
  return level === 'bad' ? place !== '/boot' : !['/boot', '/tmp'].includes(place)
}

function roomWords({ kib, files }: { readonly kib: number; readonly files: number | undefined }): string {
  return files === undefined ? sizeWords(kib) : `${sizeWords(kib)} and ${files} files`
}

function memoryFinding({ memory }: HostFacts): Found {
  const { MemTotal: total, MemAvailable: available = 0, SwapFree: swap = 0 } = memory
  if (total === undefined) return unknown('memory', 'it did not say')
  const words = `${sizeWords(available)} of ${sizeWords(total)} are free${swap === 0 ? '' : `, and ${sizeWords(swap)} of swap`}`
  return available + swap < 256 * mib
    ? warn('memory', words, "add swap, or set app.strategy: 'restart', which runs one release at a time")
    : ok('memory', words)
}

/** Seconds by which a clock may be wrong before certificates and package lists are taken for false. */
const mostSkew = 60

function clockFinding({ clock }: HostFacts, { from, to }: Asked): Found {
  if (clock === undefined) return unknown('clock', 'it did not say')
  const skew = Math.round(Math.max(from - clock, clock - to, 0))
  if (skew <= mostSkew) return ok('clock', 'right')
  return warn(
    'clock',
    `${skew} seconds ${clock < from ? 'behind' : 'ahead of'} this machine's`,
    'run on the host: timedatectl set-ntp true',
  )
}

function portFindings({ ports, hasNginx }: HostFacts): readonly Found[] {
  if (ports.length === 0) return [ok('ports', 'nothing listens on 80 and 443 yet')]
  const strange = ports.filter(({ owners }) => (owners.length > 0 ? !owners.includes('nginx') : !hasNginx))
  if (strange.length === 0) return [ok('ports', `nginx listens on ${ports.map(({ port }) => port).join(' and ')}`)]
  return strange.map(({ port, owners }) => {
    const who = owners.length === 0 ? 'a program that is not nginx' : owners.join(' and ')
    return bad(
      'ports',
      `${who} listens on ${port}`,
      `stop it; to see it, run on the host: sudo ss -ltnp 'sport = :${port}'`,
    )
  })
}

/** `512 MiB`, `3.4 GiB` */
function sizeWords(kib: number): string {
  return kib < 1024 * mib ? `${Math.floor(kib / mib)} MiB` : `${(kib / mib / 1024).toFixed(1)} GiB`
}
