import { spawn } from 'node:child_process'
import { userInfo } from 'node:os'
import type { Host } from '../core/app.ts'
import { isTasksError, TasksError } from '../core/errors.ts'
import type { Emit, Outcome } from '../core/event.ts'
import type { PlannedTask } from './graph.ts'
import type { HostResult } from './host-run.ts'
import type { RunRequest } from './request.ts'
import { taskContext } from './sections.ts'

/** Does what the plan's tasks do on this machine, once each host has succeeded. A failure is told as an event. */
export async function runLocalParts(
  request: RunRequest,
  planned: readonly PlannedTask[],
  results: readonly HostResult[],
): Promise<Outcome> {
  for (const { task, params } of planned) {
    if (!task.local) continue
    for (const host of request.hosts.length === 0 ? [thisMachine()] : request.hosts) {
      const loginUser = results.find((result) => result.host === host.name)?.loginUser ?? host.user ?? ''
      const context = taskContext(task, { request, host, loginUser, params, planned })
      try {
        await task.local({ ...context, run: commands(task.name, request) })
      } catch (error) {
        if (!isTasksError(error)) throw error
        const { code, message, hint } = error
        request.emit({ type: 'run.failed', code, message, task: task.name, ...(hint !== undefined && { hint }) })
        return 'failed'
      }
    }
  }
  return 'done'
}

/** Where no host is part of the run, what is done here is done once. */
function thisMachine(): Host {
  return { name: 'localhost', address: 'localhost', user: userInfo().username }
}

function commands(task: string, { app, emit, kill }: RunRequest) {
  return (command: string, { env = {} }: { readonly env?: Readonly<Record<string, string>> } = {}): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = spawn(command, {
        shell: true,
        cwd: app.root,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        signal: kill,
      })
      for (const stream of [child.stdout, child.stderr]) tellLines(stream, { task, emit })
      child.on('error', (cause) =>
        reject(
          new TasksError({
            code: 'failed',
            message: `Cannot run "${command}" on this machine, because ${cause.message}.`,
            cause,
          }),
        ),
      )
      child.on('close', (code) => {
        if (code === 0) resolve()
        else
          reject(
            new TasksError({
              code: 'failed',
              message: `The command "${command}" on this machine ended with exit code ${code ?? 'unknown'}.`,
              hint: 'read its output above',
            }),
          )
      })
    })
}

function tellLines(
  stream: NodeJS.ReadableStream,
  { task, emit }: { readonly task: string; readonly emit: Emit },
): void {
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => emit({ type: 'local.output', task, text }))
}
