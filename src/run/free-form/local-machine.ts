import { spawn } from 'node:child_process'
import { TasksError } from '../../core/errors.ts'
import type { LocalMachine } from '../../core/free-form.ts'
import { shellText } from '../../core/sh.ts'
import type { RunRequest } from '../request.ts'

/** This machine, for a task's own commands. */
export function localMachine({ request, task }: { readonly request: RunRequest; readonly task: string }): LocalMachine {
  const { app, emit, kill } = request
  const machine: LocalMachine = {
    cd: () => machine,
    env: () => machine,
    run: (shell, { env = {} } = {}) => {
      const command = shellText(shell)
      return new Promise((resolve, reject) => {
        const child = spawn('/bin/sh', ['-c', command], {
          cwd: app.root,
          env: { ...process.env, ...(env as Record<string, string>) },
          stdio: ['ignore', 'pipe', 'pipe'],
          signal: kill,
        })
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding('utf8')
          stream.on('data', (text: string) => emit({ type: 'local.output', task, text }))
        }
        child.on('close', (code) => {
          if (code === 0) resolve({ command, stdout: '', stderr: '', exitCode: 0, isOk: true, took: 0 })
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
    },
  }
  return machine
}
