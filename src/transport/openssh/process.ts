import { type ChildProcess, spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'

/** One `ssh` that holds a connection for others, and says with `-v` how it gets on. */
export interface SshProcess {
  /** Resolves with true once it is logged in and lends its connection, with false when it has ended before. */
  readonly isReady: Promise<boolean>
  /** Resolves once it has ended and said its last word; with the system's error where it could not be started. */
  readonly ended: Promise<Error | undefined>
  /** All that it has said until it was ready, and the last of what it said since. */
  log(): string
  stop(): void
}

interface Start {
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Removed, should this process die before it can do so itself. */
  readonly folder: string
}

/** What `ssh` prints, by its LocalCommand, once it is logged in and its socket is there. */
export const readyWord = 'tasks-ready'

/** Starts it in a session of its own: no terminal to ask at, and no Ctrl-C that is not meant for it. */
export function startSsh({ args, env, folder }: Start): SshProcess {
  const child = spawn('ssh', args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const guard = child.pid === undefined ? undefined : guardOf(child.pid, folder)
  let log = ''
  let isReady = false
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString('latin1')
    if (log.length > 1 << 18) log = log.slice(-(1 << 17))
  })
  const ended = new Promise<Error | undefined>((resolve) => {
    child.once('error', resolve)
    child.once('close', () => resolve(undefined))
    // What it started may live on, and keep its standard error open
    child.once('exit', () => setTimeout(() => resolve(undefined), 300).unref())
  })
  void ended.then(() => guard?.stdin?.end('over\n'))
  return {
    ended,
    isReady: new Promise((resolve) => {
      let said = ''
      child.stdout.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-1000)
        if (isReady || !said.includes(readyWord)) return
        isReady = true
        // What it says from now on tells why it ends
        log = ''
        resolve(true)
      })
      void ended.then(() => resolve(false))
    }),
    log: () => log,
    stop() {
      signalGroup(child.pid, 'SIGTERM')
      const timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), 2000)
      void ended.then(() => clearTimeout(timer))
    },
  }
}

/** With all that it has started for this connection. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended by itself
  }
}

/** Ends `ssh` when this process dies without a chance to do so: its end of the guard's standard input is then closed. */
function guardOf(pid: number, folder: string): ChildProcess {
  const script = 'read -r word && exit; kill -TERM "-$1"; rm -rf "$2"'
  const guard = spawn('/bin/sh', ['-c', script, 'sh', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.on('error', () => {})
  guard.stdin?.on('error', () => {})
  guard.unref()
  return guard
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => {})
}
