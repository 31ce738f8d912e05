import { type ChildProcess, spawn } from 'node:child_process'
import { homedir, userInfo } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import type { Channel, ChannelEnd, Connection } from '../core/connection.ts'
import { TasksError } from '../core/errors.ts'
import { channelOf } from './channel.ts'
import { outputOf } from './output.ts'

/**
 * This machine, through a `sh` for each command, started in the user's home folder as by an SSH login, with our own environment; `folder` takes
 * the home folder's place. A command that is given up, or whose connection is closed, is let go and not killed, as over SSH.
 */
export async function connectLocal({
  env = {},
  folder,
}: {
  readonly env?: Readonly<Record<string, string>>
  readonly folder?: string
} = {}): Promise<Connection> {
  const counts = { channels: 0, bytesSent: 0, bytesReceived: 0 }
  const running = new Set<() => void>()
  let isClosed = false
  return {
    user: userInfo().username,
    async open(command, { signal, pty } = {}) {
      if (pty) throw noTerminal()
      if (signal?.aborted) throw stoppedOpening()
      if (isClosed) throw closedAlready()
      const child = spawn('/bin/sh', ['-c', command], {
        cwd: folder ?? homedir(),
        detached: true,
        stdio: 'pipe',
        env: { ...process.env, ...(folder !== undefined && { HOME: folder }), ...env },
      })
      await started(child)
      counts.channels++
      return follow(child, { counts, running, signal })
    },
    wire: () => ({ connections: 0, ...counts }),
    async close() {
      isClosed = true
      for (const letGo of running) letGo()
    },
  }
}

interface Following {
  readonly counts: { bytesSent: number; bytesReceived: number }
  readonly running: Set<() => void>
  readonly signal: AbortSignal | undefined
}

function follow(child: ChildProcess & Pipes, { counts, running, signal }: Following): Channel {
  const stdout = outputOf(child.stdout)
  const stderr = outputOf(child.stderr)
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (chunk: Uint8Array) => {
      counts.bytesReceived += chunk.length
    })
  }
  const closed = new Promise<ChannelEnd>((resolve) => {
    child.once('exit', (code, name) => {
      resolve(code === null ? { kind: 'signalled', signal: name ?? 'unknown' } : { kind: 'exited', code })
    })
    const letGo = () => {
      stdout.cut()
      stderr.cut()
      resolve({ kind: 'lost', because: signal?.aborted ? 'it was given up' : 'the connection was closed' })
      for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy()
      child.unref()
    }
    running.add(letGo)
    child.once('close', () => {
      running.delete(letGo)
      signal?.removeEventListener('abort', letGo)
    })
    signal?.addEventListener('abort', letGo)
    if (signal?.aborted) letGo()
  })
  const channel = channelOf({ stdin: child.stdin, stdout, stderr, closed })
  return {
    ...channel,
    async write(bytes) {
      counts.bytesSent += Buffer.byteLength(bytes)
      await channel.write(bytes)
    },
  }
}

interface Pipes {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (cause) => {
      reject(
        new TasksError({ code: 'failed', message: `Cannot start /bin/sh on this machine: ${cause.message}.`, cause }),
      )
    })
  })
}

function stoppedOpening(): TasksError {
  return new TasksError({ code: 'interrupted', message: 'Stopped before a command started on this machine.' })
}

function noTerminal(): TasksError {
  return new TasksError({
    code: 'usage',
    message: 'Cannot give a command on this machine a terminal, because only an SSH server makes one.',
    hint: 'leave pty out; where the command insists, run it under: script -qec COMMAND /dev/null',
  })
}

function closedAlready(): TasksError {
  return new TasksError({
    code: 'unreachable',
    message: 'Cannot run a command on this machine: the connection was closed.',
  })
}
