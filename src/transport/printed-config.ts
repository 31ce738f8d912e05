import { execFile } from 'node:child_process'
import { TasksError } from '../core/errors.ts'
import type { SshTarget } from './target.ts'

export interface Printed {
  /** Of each option a line; empty where there is no `ssh`. */
  readonly config: string
  /** What `ssh` said beside it. */
  readonly said: string
}

/** What `ssh` is told of a target beside its name. */
export function configFlags({ configFile, port, user, jump }: SshTarget): readonly string[] {
  return [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(jump === undefined ? [] : ['-J', jump]),
  ]
}

/** Asks `ssh -G` about a target. Rejects with a TasksError of code `config` where it finds fault with the configuration. */
export function printedConfig(
  target: SshTarget,
  signal: AbortSignal | undefined,
  more: readonly string[] = [],
): Promise<Printed> {
  return new Promise((resolve, reject) => {
    const args = ['-G', ...more, ...configFlags(target), '--', target.host]
    execFile('ssh', args, { signal, timeout: 10_000, maxBuffer: 1 << 22 }, (error, stdout, stderr) => {
      if (!error) resolve({ config: stdout, said: stderr })
      // ENOENT also tells that the working folder is gone; the defaults are as good then
      else if ('code' in error && error.code === 'ENOENT') resolve({ config: '', said: '' })
      else if (signal?.aborted) reject(signal.reason)
      else reject(configFailure(target, stderr))
    })
  })
}

function configFailure(target: SshTarget, stderr: string): TasksError {
  const lines = stderr.trim().split('\n')
  return new TasksError({
    code: 'config',
    message: `Cannot read the ssh configuration for "${target.host}": ${(lines.at(-1) || 'ssh -G failed').replace(/\.$/, '')}.`,
    hint: `run: ssh -G ${target.host}`,
    output: stderr.trim() || undefined,
  })
}
