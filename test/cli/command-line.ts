import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const program = fileURLToPath(new URL('../../bin/tasks.cjs', import.meta.url))

export interface Finished {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Running {
  readonly cwd: string
  /** Hears what the program prints, when it prints it. */
  readonly onStdout?: (text: string) => void
  /** Variables besides those of the tests. */
  readonly env?: Readonly<Record<string, string>>
}

/** Runs the real program, from its sources, with nobody at its standard input. */
export function tasks(words: readonly string[], { cwd, onStdout, env: more = {} }: Running): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const env = {
      ...process.env,
      TASKS_DEV: '1',
      NO_COLOR: '1',
      HOME: cwd,
      XDG_CACHE_HOME: path.join(tmpdir(), `tasks-test-cache-${process.getuid?.()}`),
      ...more,
    }
    const child = spawn(process.execPath, [program, ...words], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
    if (onStdout) child.stdout.on('data', onStdout)
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ exitCode, ...said }))
  })
}

/** A folder with these files, gone when the test is over. */
export function projectOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tasks-project-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  return folder
}
