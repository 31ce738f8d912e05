import { spawnSync } from 'node:child_process'
import { TasksError } from '../core/errors.ts'
import { installParts, missingParts, sandboxDown, sandboxList, sandboxUp, sshOptions } from '../sandbox/index.ts'
import type { Ending } from './ending.ts'

/** Boots a host and tells how to use it. Packages that are missing are installed with the person's leave only. */
export async function up(
  name: string,
  { debian, yes }: { readonly debian: '12' | '13'; readonly yes?: true | undefined },
): Promise<Ending> {
  await haveParts(yes === true)
  const host = await sandboxUp({ name, debian: debian === '12' ? 12 : 13, onProgress: progress })
  const next = [
    'look around',
    `tasks sandbox ssh ${name}`,
    'make it a server',
    `tasks provision --host ${name}`,
    'throw it away',
    `tasks sandbox down ${name}`,
  ]
  return { exitCode: 0, out: `${name} is up: Debian ${host.debian} at ${host.address}\n${pairs(next)}` }
}

export async function list(): Promise<Ending> {
  const hosts = await sandboxList()
  const width = Math.max(0, ...hosts.map(({ name }) => name.length))
  const rows = hosts.map(
    ({ name, debian, address, isRunning }) =>
      `${name.padEnd(width)}  Debian ${debian}  ${address}${isRunning ? '' : '  stopped'}\n`,
  )
  return { exitCode: 0, out: rows.length === 0 ? 'There are no sandbox hosts.\n' : rows.join('') }
}

/** Gives the terminal to `ssh`, and ends as it ends. */
export async function ssh(name: string, command: readonly string[]): Promise<Ending> {
  const hosts = await sandboxList()
  const host = hosts.find((one) => one.name === name)
  if (host === undefined)
    throw unknownHost(
      name,
      hosts.map((one) => one.name),
    )
  const { status } = spawnSync('ssh', [...sshOptions(host), `${host.user}@${host.address}`, ...command], {
    stdio: 'inherit',
  })
  return { exitCode: status ?? 1 }
}

export async function down(name: string | undefined, isAll: boolean): Promise<Ending> {
  const names = (await sandboxList()).map((host) => host.name)
  if ((name === undefined) !== isAll) {
    throw new TasksError({
      code: 'usage',
      message: 'Cannot take a sandbox host down, because it takes either a name or --all.',
    })
  }
  if (name !== undefined && !names.includes(name)) throw unknownHost(name, names)
  const gone = name === undefined ? names : [name]
  for (const one of gone) await sandboxDown(one)
  return { exitCode: 0, out: gone.map((one) => `${one} is gone\n`).join('') }
}

async function haveParts(isAllowed: boolean): Promise<void> {
  const missing = missingParts()
  if (missing.length === 0) return
  if (isAllowed || (await isAgreed(missing))) return await installParts({ onProgress: progress })
  throw new TasksError({
    code: 'failed',
    message: `Cannot make a sandbox host, because this machine lacks ${missing.join(', ')}.`,
    hint: `add --yes to install them, or run: apt-get install ${missing.join(' ')}`,
  })
}

async function isAgreed(missing: readonly string[]): Promise<boolean> {
  if (!process.stdin.isTTY) return false
  const { confirmed } = await import('./prompts.ts')
  return await confirmed(`Sandbox hosts need ${missing.join(', ')}. Install with APT?`)
}

function unknownHost(name: string, known: readonly string[]): TasksError {
  return new TasksError({
    code: 'usage',
    message: `Cannot find sandbox host ${JSON.stringify(name)}, because none has this name.`,
    hint: known.length === 0 ? `run: tasks sandbox up ${name}` : `use one of: ${known.join(', ')}`,
  })
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`)
}

function pairs(words: readonly string[]): string {
  return words.map((word, index) => (index % 2 === 0 ? `  ${`${word}:`.padEnd(18)}` : `${word}\n`)).join('')
}
