import { spawn } from 'node:child_process'
import { TasksError } from '../core/errors.ts'

export interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface RunOptions {
  readonly input?: string | undefined
  readonly env?: NodeJS.ProcessEnv | undefined
  readonly signal?: AbortSignal | undefined
  /** Told each line that the command prints, on either stream, as it comes. */
  readonly onLine?: ((line: string) => void) | undefined
}

/** Runs a command of this machine to its end; a failing one is a value, only an abort throws. */
export function run(words: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [command = '', ...args] = words
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: options.env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.signal && { signal: options.signal, killSignal: 'SIGKILL' }),
    })
    const stdout = reader(child.stdout, options.onLine)
    const stderr = reader(child.stderr, options.onLine)
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
    child.on('error', (error) => {
      if (options.signal?.aborted) reject(stopped(error))
      else resolve({ code: 127, stdout: '', stderr: String(error.message) })
    })
    child.on('close', (code) => resolve({ code: code ?? 128, stdout: stdout(), stderr: stderr() }))
  })
}

/** As {@link run}, but a failing command throws the sentence given, with the last lines that it printed. */
export async function must(words: readonly string[], sentence: string, options: RunOptions = {}): Promise<string> {
  const finished = await run(words, options)
  if (finished.code === 0) return finished.stdout
  const said = `${finished.stdout}${finished.stderr}`.trim().split('\n').slice(-15).join('\n')
  throw new TasksError({ code: 'failed', message: sentence, output: said || `exit code ${finished.code}` })
}

function reader(stream: NodeJS.ReadableStream, onLine?: (line: string) => void): () => string {
  let text = ''
  let told = 0
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    text += chunk
    if (!onLine) return
    const end = text.lastIndexOf('\n') + 1
    if (end <= told) return
    for (const line of text.slice(told, end).split('\n')) if (line.trim()) onLine(line.trim())
    told = end
  })
  return () => text
}

function stopped(cause: unknown): TasksError {
  return new TasksError({ code: 'interrupted', message: 'Stopped while working on a sandbox host.', cause })
}
