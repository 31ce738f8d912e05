import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { isTasksError } from '../../src/core/errors.ts'
import {
  type Debian,
  hasLayer,
  installParts,
  pruneLayers,
  type SandboxHost,
  type Sudo,
  sandboxDown,
  sandboxFreeze,
  sandboxList,
  sandboxObstacle,
  sandboxUp,
  sshOptions,
  withLock,
} from '../../src/sandbox/index.ts'
import { run } from '../../src/sandbox/shell.ts'
import { toldWhy } from '../told.ts'

const obstacle = sandboxObstacle()

/** `describe` for tests that need real hosts; where none can be made they count as skipped, with the reason in their title. */
export function onHosts(title: string, tests: () => void): void {
  if (obstacle) describe.skip(`${title} (skipped: ${obstacle})`, tests)
  else describe(title, { timeout: 300_000 }, tests)
}

const isSample = process.env.FAULTS === 'sample'

/** The same for tests that take minutes each: FAULTS=sample leaves them out, as a run with a limit on its time must. */
export function onHostsAtLength(title: string, tests: () => void): void {
  if (isSample) describe.skip(`${title} (skipped: ${toldWhy(title, 'FAULTS=sample leaves it to npm test')})`, tests)
  else onHosts(title, tests)
}

/** Debian 12 and 13; of FAULTS=sample the one whose turn it is in this file. */
const seed = Number(process.env.SEED ?? Date.now() % 100_000)
const turn: Debian = seed % 2 === 0 ? 12 : 13

/** `describe` for each Debian, which stands for `%i` in the title. FAULTS=sample does one of them, by turns. */
export function onEachDebian(title: string, tests: (debian: Debian) => void): void {
  for (const debian of [12, 13] as const) {
    const name = title.replace('%i', `${debian}`)
    if (!isSample || debian === turn) describe(name, () => tests(debian))
    else describe.skip(`${name} (skipped: ${toldWhy(name, `SEED=${seed} chose Debian ${turn}`)})`, () => tests(debian))
  }
}

interface HostOptions {
  readonly debian?: Debian
  readonly from?: string | undefined
  readonly sudo?: Sudo
}

/** Boots a host under a name of its own. It goes after the file's last test, and with this process at the latest. */
export async function withHost({ debian = 13, from, sudo }: HostOptions = {}): Promise<SandboxHost> {
  await installParts({ onProgress: say })
  const name = `t-${process.pid}-${randomBytes(3).toString('hex')}`
  const options = { name, debian, from, sudo, owner: process.pid, onProgress: say }
  const host = await sandboxUp(options).catch((error: unknown) => {
    if (isTasksError(error)) say(`${error.message}\n${error.output ?? ''}`)
    throw error
  })
  mine.add(name)
  return host
}

/** Runs shell text on a host over the system's own ssh, as its user or as the one named. */
export function ssh(host: SandboxHost, text: string, user: string = host.user) {
  return run(['ssh', ...sshOptions(host), `${user}@${host.address}`, text])
}

interface Floor extends HostOptions {
  readonly name: string
  /** What is done to a bare host, once for all tests that name this floor and as long as nothing in src/ changes. */
  readonly make: (host: SandboxHost) => Promise<void>
}

/** The name of a layer for `from`: made by the first test that needs it, awaited by those that come meanwhile, kept for the next run. */
export function floor({ name, make, ...options }: Floor): Promise<string> {
  const layer = `test-${name}-${options.debian ?? 13}-${sourceHash()}`
  return withLock(`layer-${layer}`, async () => {
    if (hasLayer(layer)) return layer
    await pruneLayers('test-')
    const host = await withHost(options)
    await make(host)
    await sandboxFreeze({ name: host.name, layer })
    mine.delete(host.name)
    return layer
  })
}

const mine = new Set<string>()

afterAll(async () => {
  const up = obstacle ? [] : (await sandboxList()).map((host) => host.name)
  for (const name of up.filter((name) => mine.delete(name))) await sandboxDown(name)
}, 300_000)

function sourceHash(): string {
  const hash = createHash('sha256')
  const roots = ['src', 'tasks', 'deploy_tools'].map((folder) => join(import.meta.dirname, '../..', folder))
  for (const root of roots) {
    for (const path of files(root)) hash.update(path).update(readFileSync(join(root, path)))
  }
  return hash.digest('hex').slice(0, 12)
}

function files(root: string): readonly string[] {
  try {
    const found = readdirSync(root, { recursive: true, withFileTypes: true })
    const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    return paths.map((path) => path.slice(root.length)).sort()
  } catch {
    return []
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
