import { describe, expect, it } from 'vitest'
import { factsIn, type HostFacts } from '../../src/doctor/host-facts.ts'
import { hostFindings } from '../../src/doctor/host-findings.ts'

const now = 1_800_000_000
const asked = { from: now, to: now + 2 }

const well: HostFacts = {
  clock: now + 1,
  user: 'elspeth',
  groups: ['elspeth', 'sudo'],
  system: { ids: ['debian', ''], version: '13', name: 'Debian GNU/Linux 13 (trixie)' },
  state: 'running',
  failedUnits: [],
  memory: { MemTotal: 2_000_000, MemAvailable: 1_500_000, SwapFree: 0 },
  disks: [{ place: '/', kib: 20_000_000, files: 1_000_000 }],
  addresses: [],
  sudo: 'free',
  sudoSaid: '',
  ports: [],
  hasNginx: false,
  sites: [],
}

/** What is told of a host that differs so from one that is well. */
function told(difference: Partial<HostFacts>): readonly string[] {
  const usual = hostFindings(well, asked).map((finding) => JSON.stringify(finding))
  return hostFindings({ ...well, ...difference }, asked)
    .filter((finding) => !usual.includes(JSON.stringify(finding)))
    .map(({ title, status, detail, hint }) => `${title} ${status}: ${detail}${hint === undefined ? '' : ` → ${hint}`}`)
}

describe('what is found on a host', () => {
  it('is nothing but well where all is well', () => {
    expect(hostFindings(well, asked).map(({ status }) => status)).toEqual(Array(7).fill('ok'))
  })

  const refusal = 'elspeth is not in the sudoers file.'
  const mayNot = 'as root on the host: usermod -aG sudo elspeth'
  it.each<[Partial<HostFacts>, string]>([
    [{ sudo: 'root' }, 'sudo ok: not needed: root logs in'],
    [
      { sudo: 'no', sudoSaid: 'sudo: a password is required' },
      'sudo ok: elspeth needs a password, which is asked for on a terminal',
    ],
    [
      { sudo: 'no', sudoSaid: 'sudo: interactive authentication is required', groups: [] },
      `sudo warn: it wants a password of elspeth, who is in none of its groups → ${mayNot}`,
    ],
    [{ sudo: 'no', sudoSaid: refusal }, `sudo bad: elspeth may not use it → ${mayNot}`],
    [
      { sudo: 'no', sudoSaid: 'sudo: 3 incorrect password attempts' },
      'sudo bad: it refused the password of elspeth → type the password of that user on that host',
    ],
    [
      { sudo: 'no', sudoSaid: 'sudo: unable to open /etc/sudoers' },
      'sudo bad: it says: sudo: unable to open /etc/sudoers → look at it: sudo -l',
    ],
    [{ system: { ids: ['ubuntu', 'debian'], version: '24.04', name: 'Ubuntu 24.04' } }, 'system ok: Ubuntu 24.04'],
    [
      { system: { ids: ['debian', ''], version: '11', name: 'Debian GNU/Linux 11' } },
      'system warn: Debian GNU/Linux 11: older than what is tried → from debian 12 on it is known to work',
    ],
    [
      { system: { ids: ['', ''], version: '', name: 'an unknown system' } },
      'system bad: an unknown system: not Debian or Ubuntu → install Debian 12 or 13 on it',
    ],
    [
      { state: 'none' },
      'systemd bad: it is not in charge → use a whole machine or a system container, not an application container',
    ],
    [
      { state: 'degraded', failedUnits: [] },
      'systemd warn: degraded: a unit failed → run on the host: systemctl --failed',
    ],
    [{ state: 'starting' }, 'systemd warn: the host is still starting → wait a minute'],
    [{ state: 'maintenance' }, 'systemd bad: maintenance → run on the host: systemctl status'],
    [{ state: '' }, 'systemd unknown: it did not say how it is → run on the host: systemctl is-system-running'],
    [{ disks: [] }, 'disk unknown: it did not say what room there is'],
    [
      {
        disks: [
          { place: '/', kib: 20_000_000, files: undefined },
          { place: '/var', kib: 3_000, files: undefined },
        ],
      },
      'disk bad: full: 2 MiB are free at /var → run on the host: df -h /var',
    ],
    [
      { disks: [{ place: '/', kib: 20_000_000, files: 12 }] },
      'disk bad: it takes 12 more files at / → run on the host: df -i /',
    ],
    [
      { disks: [{ place: '/', kib: 500_000, files: 90_000 }] },
      'disk warn: little room: 488 MiB and 90000 files at / → a release takes up to 500 MiB while it is made',
    ],
    [
      { memory: { MemTotal: 480_000, MemAvailable: 120_000, SwapFree: 0 } },
      "memory warn: 117 MiB of 468 MiB are free → add swap, or set app.strategy: 'restart', which runs one release at a time",
    ],
    [
      { memory: { MemTotal: 480_000, MemAvailable: 120_000, SwapFree: 1_048_576 } },
      'memory ok: 117 MiB of 468 MiB are free, and 1.0 GiB of swap',
    ],
    [{ memory: {} }, 'memory unknown: it did not say'],
    [
      { clock: now - 3_600 },
      "clock warn: 3600 seconds behind this machine's → run on the host: timedatectl set-ntp true",
    ],
    [
      { clock: now + 3_602 },
      "clock warn: 3600 seconds ahead of this machine's → run on the host: timedatectl set-ntp true",
    ],
    [
      {
        ports: [
          { port: '80', owners: ['nginx'] },
          { port: '443', owners: ['nginx'] },
        ],
      },
      'ports ok: nginx listens on 80 and 443',
    ],
    [{ ports: [{ port: '80', owners: [] }], hasNginx: true }, 'ports ok: nginx listens on 80'],
    [
      { ports: [{ port: '80', owners: [] }] },
      "ports bad: a program that is not nginx listens on 80 → stop it; to see it, run on the host: sudo ss -ltnp 'sport = :80'",
    ],
    [
      { ports: [{ port: '443', owners: ['apache2'] }], hasNginx: true },
      "ports bad: apache2 listens on 443 → stop it; to see it, run on the host: sudo ss -ltnp 'sport = :443'",
    ],
  ])('of %j is: %s', (difference, words) => {
    expect(told(difference)).toEqual([words])
  })

  it('does not mind a small /boot or /tmp', () => {
    const small = (place: string) => ({ place, kib: 200_000, files: undefined })
    expect(told({ disks: [...well.disks, small('/boot'), small('/tmp')] })).toEqual([])
  })
})

describe('what a host said', () => {
  it('counts from its first word to its last, whatever a login shell printed before', () => {
    const said = 'Welcome!\nuser mallory\ntasks-doctor begins\nuser elspeth\nsudo free\ntasks-doctor ends\n'
    expect(factsIn(said)).toMatchObject({ user: 'elspeth', sudo: 'free' })
    expect(factsIn(said.replace('tasks-doctor ends\n', ''))).toBeUndefined()
    expect(factsIn('')).toBeUndefined()
  })

  it('is taken apart as far as it makes sense', () => {
    const lines = [
      'clock soon',
      'disk 3 100 4096 - - /',
      'disk 3 100 4096 - - /var',
      'disk 4  /broken',
      'listens 80 nginx ',
      'site example.com|yes|20|example.com/3',
    ]
    const facts = factsIn(`tasks-doctor begins\n${lines.join('\n')}\ntasks-doctor ends\n`)
    expect(facts).not.toHaveProperty('clock')
    expect(facts).toMatchObject({
      disks: [{ place: '/', kib: 400, files: undefined }],
      ports: [{ port: '80', owners: ['nginx'] }],
      sites: [{ site: 'example.com', isLinked: true, status: '', release: 'example.com/3' }],
    })
  })
})
