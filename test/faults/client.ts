import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event } from '../../src/core/event.ts'
import { program } from '../cli/command-line.ts'

/** The command line at work, as a process of its own. */
export interface Client {
  readonly events: readonly Event[]
  /** Its exit code; undefined where it was killed. */
  readonly ended: Promise<number | undefined>
  /** When it has told of such an event, or has ended without. */
  heard(isIt: (event: Event) => boolean): Promise<void>
  /** SIGKILL: it says goodbye to nobody. */
  kill(): void
}

/** Starts `tasks WORDS --json` in a project's folder. It takes a host for lost that is silent for two seconds. */
export function startClient(folder: string, words: readonly string[]): Client {
  const env = { ...process.env, TASKS_DEV: process.env.TASKS_DEV ?? '1', PATH: `${impatience()}:${process.env.PATH}` }
  const child = spawn(process.execPath, [program, ...words, '--json'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const events: Event[] = []
  const waiting = new Set<{ readonly isIt: (event: Event) => boolean; readonly resolve: () => void }>()
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const event of lines.map((line): Event => JSON.parse(line))) {
      events.push(event)
      for (const { isIt, resolve } of waiting) if (isIt(event)) resolve()
    }
  })
  const ended = new Promise<number | undefined>((resolve) => child.on('close', (code) => resolve(code ?? undefined)))
  const heard = async (isIt: (event: Event) => boolean) => {
    if (events.some(isIt)) return
    await Promise.race([ended, new Promise<void>((resolve) => waiting.add({ isIt, resolve }))])
  }
  return { events, ended, heard, kill: () => void child.kill('SIGKILL') }
}

/** A folder with an `ssh` whose configuration asks for a sign of life each second, as a person's own might. */
function impatience(): string {
  const folder = join(tmpdir(), `tasks-faults-ssh-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'config'), 'ServerAliveInterval 1\nServerAliveCountMax 2\n')
  writeFileSync(join(folder, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F '${join(folder, 'config')}' "$@"\n`)
  chmodSync(join(folder, 'ssh'), 0o755)
  return folder
}
