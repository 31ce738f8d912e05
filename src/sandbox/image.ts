import { existsSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { codenames } from './client-config.ts'
import { dress } from './dress.ts'
import { inCache, makeFolders } from './folders.ts'
import type { Debian } from './host.ts'
import { locked } from './lock.ts'
import { type MachineSettings, machineSettings } from './machine-settings.ts'
import { must, run } from './shell.ts'

/** What a cloud server has and debootstrap's smallest set has not. No Python, no git, no web server. */
const packages = [
  'ca-certificates',
  'dbus',
  'iproute2',
  'iputils-ping',
  'libpam-systemd',
  'netbase',
  'openssh-server',
  'procps',
  'sudo',
  'systemd-sysv',
]

/** To be raised with any change of what is made from the same settings, here or in dress.ts. */
const layout = 2

export interface ImageOptions {
  readonly debian: Debian
  readonly onProgress?: ((line: string) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The folders of a bare Debian, top first: this machine's settings over what debootstrap made. Each is made once, beside its
 * place, and renamed into it; a second process waits for the first.
 */
export async function image(options: ImageOptions): Promise<readonly string[]> {
  makeFolders()
  const { debian, onProgress } = options
  const base = inCache('images', `debian-${debian}`)
  const settings = await machineSettings(debian)
  const settled = `${base}-${layout}-${settings.hash}`
  if (existsSync(base) && existsSync(settled)) return [settled, base]
  return locked(lockFile(debian), async () => {
    await clearUnfinished(debian)
    if (!existsSync(base)) await bootstrap(base, settings, options)
    if (!existsSync(settled)) await dress({ base, settled, settings })
    onProgress?.(`Debian ${debian} is ready in ${base}`)
    return [settled, base]
  })
}

/** debootstrap and all that it mounts and starts go when this process does, lest it write on in a folder that the next one clears. */
const dyingWithUs = [
  'setpriv',
  '--pdeathsig',
  'KILL',
  'unshare',
  '--mount',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
]

async function bootstrap(base: string, settings: MachineSettings, { debian, onProgress, signal }: ImageOptions) {
  onProgress?.(`Making the Debian ${debian} image, once: about a minute`)
  const making = `${base}.making`
  const script = join('/usr/share/debootstrap/scripts', codenames[debian])
  const words = [
    'debootstrap',
    '--variant=minbase',
    `--include=${packages.join(',')}`,
    ...keyring(),
    codenames[debian],
    making,
    ...(settings.mirror ? [settings.mirror] : []),
    ...(settings.mirror && !existsSync(script) ? ['/usr/share/debootstrap/scripts/sid'] : []),
  ]
  await must([...dyingWithUs, ...words], `Cannot make the Debian ${debian} image.`, {
    env: { ...process.env, ...settings.proxies, LC_ALL: 'C.UTF-8' },
    onLine: phases((phase) => onProgress?.(`Debian ${debian}: ${phase}`)),
    signal,
  })
  renameSync(making, base)
}

/** Of debootstrap's hundreds of lines, the first of each kind: enough to see that it goes on. */
function phases(tell: (phase: string) => void): (line: string) => void {
  let last = ''
  return (line) => {
    const word = /^I: (Retrieving|Extracting|Unpacking|Configuring) /.exec(line)?.[1]
    if (!word || word === last) return
    last = word
    tell(`${word.toLowerCase()} packages`)
  }
}

function keyring(): readonly string[] {
  const path = '/usr/share/keyrings/debian-archive-keyring.gpg'
  return existsSync(path) ? [`--keyring=${path}`] : []
}

async function clearUnfinished(debian: Debian): Promise<void> {
  const left = readdirSync(inCache('images')).filter(
    (name) => name.startsWith(`debian-${debian}`) && name.endsWith('.making'),
  )
  if (left.length > 0) await run(['rm', '-rf', '--one-file-system', ...left.map((name) => inCache('images', name))])
}

function lockFile(debian: Debian): string {
  return inCache('locks', `image-${debian}`)
}
