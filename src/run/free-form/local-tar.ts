import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { TasksError } from '../../core/errors.ts'

interface Tar {
  /** `Cannot put "dist" to "/srv/app" on "web1"` */
  readonly cannot: string
  readonly folder: string
}

/** An archive of all that is in a folder of this machine, as it is read. Throws a TasksError when any of it could not be read whole. */
export async function* packed({ cannot, folder }: Tar): AsyncGenerator<Uint8Array, void> {
  const format = (await isGnu()) ? 'gnu' : 'gnutar'
  const child = startTar(['-c', `--format=${format}`, '-f', '-', '-C', folder, '.'])
  try {
    yield* child.stdout
    const failure = await child.failure
    if (failure) throw failed(cannot, failure)
  } finally {
    child.kill()
  }
}

/** Unpacks an archive into an empty folder of this machine: with the modes that it has, as files of this user. */
export async function unpack(archive: AsyncIterable<Uint8Array>, { cannot, folder }: Tar): Promise<void> {
  const child = startTar(['-x', '-o', '-p', '-f', '-', '-C', folder])
  try {
    child.stdout.resume()
    let isOver = false
    const over = child.failure.finally(() => {
      isOver = true
    })
    for await (const bytes of archive) {
      // One that ends early tells why
      if (!child.stdin.write(bytes)) await Promise.race([once(child.stdin, 'drain'), over])
      if (isOver) break
    }
    child.stdin.end()
    const failure = await child.failure
    if (failure) throw failed(cannot, failure)
  } finally {
    child.kill()
  }
}

function startTar(args: readonly string[]) {
  const { TAR_OPTIONS: _, ...others } = process.env
  // Without the last, a Mac's tar packs files that nobody knows of
  const env = { ...others, LC_ALL: 'C', COPYFILE_DISABLE: '1' }
  const child = spawn('tar', args, { env, stdio: ['pipe', 'pipe', 'pipe'] })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    if (words.length < 2000) words += chunk.toString()
  })
  child.stdin.on('error', () => {})
  const failure = new Promise<Failure | undefined>((resolve) => {
    child.once('error', (cause) => resolve({ code: undefined, words: cause.message }))
    child.once('close', (code) => resolve(code === 0 ? undefined : { code, words: words.trim() }))
  })
  return { stdin: child.stdin, stdout: child.stdout, failure, kill: () => void child.kill() }
}

interface Failure {
  /** Absent where it could not be started. */
  readonly code: number | null | undefined
  readonly words: string
}

function failed(cannot: string, { code, words }: Failure): TasksError {
  if (code === undefined) {
    const because = 'tar cannot be started on this machine'
    return new TasksError({
      code: 'failed',
      message: `${cannot}, because ${because}.`,
      hint: 'install tar',
      output: words,
    })
  }
  const changed = /([^\n]*): (?:file changed as we read it|File shrank by|File removed before we read it)/.exec(words)
  if (changed) {
    return new TasksError({
      code: 'failed',
      message: `${cannot}, because some of it changed while it was read.`,
      hint: 'wait until nobody writes to it, and run it again',
      output: words,
    })
  }
  return new TasksError({ code: 'failed', message: `${cannot}, because tar failed on this machine.`, output: words })
}

async function isGnu(): Promise<boolean> {
  const { stdout } = await promisify(execFile)('tar', ['--version']).catch(() => ({ stdout: '' }))
  return stdout.includes('GNU')
}
