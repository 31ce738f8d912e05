import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { TasksError } from '../core/errors.ts'
import { hostFolder } from './disk.ts'
import { pipFolder } from './downloads.ts'
import { must, run } from './shell.ts'
import type { HostState } from './state.ts'

/** Starts the host's systemd under a supervisor that outlives this process, and boots it again whenever it asks for that. */
export async function start(state: HostState): Promise<void> {
  // Made before the supervisor, which cannot go on without it: whoever takes the host down meanwhile removes it.
  await must(['unshare', '--mount', 'sh', '-c', grouper, 'tasks-sandbox', group(state)], 'Cannot make a control group.')
  const folder = hostFolder(state)
  const console = openSync(join(folder, 'console.log'), 'a', 0o600)
  const words = [
    '--mount',
    '--propagation',
    'slave',
    'sh',
    '-c',
    supervisor,
    'tasks-sandbox',
    group(state),
    ...nspawn(state),
  ]
  const env = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network',
    SYSTEMD_NSPAWN_TMPFS_TMP: '0',
  }
  const child = spawn('unshare', words, { detached: true, stdio: ['ignore', console, console], cwd: '/', env })
  child.unref()
  closeSync(console)
}

/** Waits until systemd says that the boot is over, and returns what it says: "running", or "degraded" where a unit failed. */
export async function booted(state: HostState, signal?: AbortSignal): Promise<string> {
  const pid = await within(60, signal, () => {
    const found = firstProcess(state)
    return found !== undefined && existsSync(`/proc/${found}/root/run/systemd/private`) ? found : undefined
  })
  if (pid === undefined) throw notBooted(state)
  const { stdout } = await onHost(pid, ['timeout', '90', 'systemctl', 'is-system-running', '--wait'], signal)
  const said = stdout.trim()
  if (said !== 'running' && said !== 'degraded') throw notBooted(state)
  return said
}

/** Boots the host again, through its own systemd. */
export async function reboot(state: HostState): Promise<void> {
  const before = firstProcess(state)
  if (before === undefined) {
    await start(state)
  } else {
    await onHost(before, ['systemctl', 'reboot'])
    await within(120, undefined, () => (firstProcess(state) === before ? undefined : true))
  }
  await booted(state)
}

/** Shuts the host down through its own systemd, so that what it has in memory is on its disk. */
export async function powerOff(state: HostState): Promise<void> {
  const pid = firstProcess(state)
  if (pid !== undefined) await onHost(pid, ['systemctl', 'poweroff'])
  await within(90, undefined, () => (isRunning(state) ? undefined : true))
}

/** Ends every process of the host at once, the supervisor first among them, and removes its control group. */
export async function kill(state: HostState): Promise<void> {
  await must(['unshare', '--mount', 'sh', '-c', killer, 'tasks-sandbox', group(state)], `Cannot end "${state.name}".`)
}

export function isRunning(state: HostState): boolean {
  return firstProcess(state) !== undefined
}

/** Runs a command on the host without SSH, as its root. */
export function onHost(pid: number, words: readonly string[], signal?: AbortSignal) {
  return run(['nsenter', '-t', String(pid), '-m', '-u', '-i', '-n', '-p', ...words], {
    signal,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  })
}

/** The number that the host's systemd has on this machine. */
export function firstProcess(state: HostState): number | undefined {
  const network = `${networkOption(state)}\0`
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const words = read(`/proc/${entry}/cmdline`)
    if (!words.startsWith('systemd-nspawn\0') || !words.includes(network)) continue
    const children = read(`/proc/${entry}/task/${entry}/children`).trim().split(' ').filter(Boolean)
    const first = children.find((child) => /^NSpid:.*\t1$/m.test(read(`/proc/${child}/status`)))
    if (first) return Number(first)
  }
  return undefined
}

function nspawn(state: HostState): readonly string[] {
  const folder = hostFolder(state)
  return [
    'systemd-nspawn',
    '--quiet',
    '--boot',
    '--register=no',
    '--keep-unit',
    '--console=read-only',
    '--link-journal=no',
    '--resolv-conf=off',
    '--timezone=off',
    '--capability=CAP_NET_ADMIN',
    `--directory=${join(folder, 'root')}`,
    `--machine=${state.name}`,
    networkOption(state),
    `--bind=${pipFolder(state)}:/var/cache/pip`,
  ]
}

function networkOption({ link }: HostState): string {
  return `--network-namespace-path=/run/netns/${link}`
}

function group({ link }: HostState): string {
  return `/sys/fs/cgroup/${link}`
}

/**
 * Control groups version 2 alone, in a mount namespace of our own: Debian 13's systemd takes nothing else, and the machine may have
 * them beside version 1, or only that. nspawn ends with 133 when the host wants to be booted again.
 */
const supervisor = `
set -eu
group=$1; shift
mount -t cgroup2 none /sys/fs/cgroup
echo $$ > "$group/cgroup.procs"
while :; do
  code=0
  "$@" || code=$?
  [ "$code" = 133 ] || exit "$code"
  # nspawn moved us into a leaf of the group; it wants to find itself in its root again.
  find "$group" -mindepth 1 -depth -type d -exec rmdir {} \\; 2>/dev/null || :
done
`

const grouper = `
mount -t cgroup2 none /sys/fs/cgroup
mkdir -p "$1"
`

/** The host's own processes first: nspawn then ends by itself, and takes along what it keeps in /run. After a second, whatever is there. */
const killer = `
mount -t cgroup2 none /sys/fs/cgroup
cd "$1" 2>/dev/null || exit 0
end() {
  [ ! -d "$1" ] || echo 1 2>/dev/null > "$1/cgroup.kill" ||
    find "$1" -name cgroup.procs -exec cat {} + | xargs -r kill -9 2>/dev/null
}
tries=0
end payload
while grep -q 'populated 1' cgroup.events; do
  tries=$((tries + 1))
  [ "$tries" -lt 50 ] && [ -d payload ] || end .
  [ "$tries" -lt 500 ] || exit 1
  sleep 0.02
done
find "$1" -depth -type d -exec rmdir {} \\;
`

function notBooted(state: HostState): TasksError {
  const log = read(join(hostFolder(state), 'console.log'))
    .trim()
    .split('\n')
    .slice(-15)
    .join('\n')
  return new TasksError({ code: 'failed', message: `The sandbox host "${state.name}" did not boot.`, output: log })
}

async function within<Value>(seconds: number, signal: AbortSignal | undefined, look: () => Value | undefined) {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const found = look()
    if (found !== undefined || Date.now() > end) return found
    await pause(25, undefined, { signal })
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
