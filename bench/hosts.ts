import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import {
  installParts,
  pruneLayers,
  removeLayer,
  type SandboxHost,
  sandboxDown,
  sandboxFreeze,
  sandboxUp,
  sshOptions,
} from '../src/sandbox/index.ts'
import { run } from '../src/sandbox/shell.ts'
import type { Command, Target } from './peer.ts'
import { type Line, type ProxyLine, startProxy } from './proxy.ts'

/** Boots a real Debian 12. It goes with this process at the latest. */
export function bootHost(from?: string): Promise<SandboxHost> {
  const booting = boot(from)
  pending.add(booting)
  booting
    .then(({ name }) => up.add(name))
    .catch(() => {})
    .finally(() => pending.delete(booting))
  return booting
}

async function boot(from: string | undefined): Promise<SandboxHost> {
  await installParts({ onProgress: say })
  const name = `bench-${process.pid}-${randomBytes(3).toString('hex')}`
  return await sandboxUp({ name, debian: 12, from, owner: process.pid, onProgress: say, signal: stopping.signal })
}

const pending = new Set<Promise<SandboxHost>>()
const up = new Set<string>()
const floors: string[] = []
const stopping = new AbortController()

/** Makes what was done to a host the floor of later ones, for as long as this process lives, and gives the floor's name. */
export async function floorOf(host: SandboxHost): Promise<string> {
  const layer = `floor-of-${host.name}`
  floors.unshift(layer)
  await sandboxFreeze({ name: host.name, layer })
  up.delete(host.name)
  return layer
}

/** Takes a host down. */
export async function down(host: SandboxHost): Promise<void> {
  await sandboxDown(host.name)
  up.delete(host.name)
}

/** Takes down what is up, also what is on its way up, and removes the floors. Nothing is booted afterwards. */
export async function allDown(): Promise<void> {
  stopping.abort()
  await Promise.allSettled(pending)
  for (const name of up) await sandboxDown(name).catch(({ message }: Error) => say(message))
  for (const layer of floors) await removeLayer(layer)
  await pruneLayers('floor-of-bench-')
}

/** A host as tools reach it directly. */
export function targetOf(host: SandboxHost): Target {
  const { name, address, port, user, identityFile, knownHostsFile } = host
  return { name, address, port, user, identityFile, knownHostsFile }
}

/** A host as tools reach it over a line. The line's end here is port 22, since a tool may take the port for the host's own. */
export async function overLine(
  host: SandboxHost,
  line: Omit<Line, 'host' | 'port'>,
): Promise<{ target: Target; proxy: ProxyLine }> {
  const proxy = await startProxy({ host: host.address, port: host.port, ...line }, { address: '127.0.77.1', port: 22 })
  const knownHostsFile = `${host.knownHostsFile}.line`
  const keys = readFileSync(host.knownHostsFile, 'utf8').replace(/^\S+/gm, '127.0.77.1')
  writeFileSync(knownHostsFile, keys)
  return { target: { ...targetOf(host), address: '127.0.77.1', knownHostsFile }, proxy }
}

/** One plain `ssh`, with no config but what is said here. */
export function plainSsh(
  { address, user, identityFile, knownHostsFile }: Target,
  ...words: readonly string[]
): Command {
  const flags = ['-F', 'none', '-o', 'BatchMode=yes', '-o', `UserKnownHostsFile=${knownHostsFile}`, '-i', identityFile]
  return { file: 'ssh', words: [...flags, `${user}@${address}`, ...words], cwd: '/', env: {} }
}

/** How many processes the host has started since it booted, threads with them: field 5 of its /proc/loadavg is the last pid of its own. */
export async function processesOf(host: SandboxHost): Promise<number> {
  return Number(await on(host, "cut -d ' ' -f 5 /proc/loadavg"))
}

/** Runs shell text on a host, and gives what it printed. */
export async function on(host: SandboxHost, text: string): Promise<string> {
  const { code, stdout, stderr } = await run(['ssh', ...sshOptions(host), `${host.user}@${host.address}`, text])
  if (code !== 0) throw new Error(`On ${host.name}: ${text}\n${stdout}${stderr}`)
  return stdout.trim()
}

export function say(line: string): void {
  process.stderr.write(`▸ ${line}\n`)
}
