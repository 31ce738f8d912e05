import { TasksError } from '../core/errors.ts'

/** What a scripted host knows. */
export interface Script {
  /** Who logs in: `deploy`, unless said. */
  readonly user?: string
  /** Answers to commands, as people read them: whole, or by a pattern. The first that fits is taken. */
  readonly commands?: readonly (readonly [command: string | RegExp, answer: Answer | ((ran: Ran) => Answer)])[]
  /** Files that can be got and read, by their paths as the task writes them. */
  readonly files?: Readonly<Record<string, string>>
}

/** What a command came to; a text is what it said on standard output. */
export type Answer = string | { readonly stdout?: string; readonly stderr?: string; readonly exitCode?: number }

/** A command that was run. */
export interface Ran {
  readonly command: string
  /** Whether on this machine, and not on the host. */
  readonly isLocal: boolean
  /** Who ran it, where that is not the login user. */
  readonly as?: string
  /** The folders that it was in, one in the other. */
  readonly folders: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  /** What it was given to read, where that is a text, bytes or a secret. */
  readonly input?: string
}

/** A file or folder that was put on the host. */
export interface Moved {
  /** A path of this machine; absent for what comes from no file. */
  readonly source?: string
  readonly target: string
  /** What it holds, where it comes from no file. */
  readonly text?: string
  readonly as?: string
  readonly owner?: string
  readonly mode?: string
}

/** What was done to a scripted host, and what it answers. */
export class Recorder {
  readonly ran: Ran[] = []
  readonly put: Moved[] = []
  readonly user: string
  readonly #script: Script
  #unexpected: TasksError | undefined

  constructor(script: Script) {
    this.#script = script
    this.user = script.user ?? 'deploy'
  }

  /** Throws what names the command where the script has no answer. */
  answerTo(ran: Ran): Exclude<Answer, string> {
    this.ran.push(ran)
    const { commands = [] } = this.#script
    const [, found] = commands.find(([command]) => isMeant(command, ran.command)) ?? []
    const answer = typeof found === 'function' ? found(ran) : found
    if (answer !== undefined) return typeof answer === 'string' ? { stdout: answer } : answer
    const known = commands.map(([command]) => (typeof command === 'string' ? JSON.stringify(command) : String(command)))
    const place = ran.isLocal ? 'on this machine' : 'on the host'
    throw this.#notInScript(`the command ${JSON.stringify(ran.command)} ${place}`, 'commands', known)
  }

  fileAt(name: string): string {
    const { files = {} } = this.#script
    const text = Object.hasOwn(files, name) ? files[name] : undefined
    if (text !== undefined) return text
    throw this.#notInScript(`the file ${JSON.stringify(name)}`, 'files', Object.keys(files))
  }

  /** A task may have caught it: the test must not. */
  refuseUnexpected(): void {
    const unexpected = this.#unexpected
    this.#unexpected = undefined
    if (unexpected !== undefined) throw unexpected
  }

  #notInScript(what: string, key: string, known: readonly string[]): TasksError {
    const error = new TasksError({
      code: 'failed',
      message: `The script of this host has no answer for ${what}.`,
      hint: known.length === 0 ? `add it to ${key}` : `add it to ${key}, which has: ${known.join(', ')}`,
    })
    this.#unexpected ??= error
    return error
  }
}

function isMeant(wanted: string | RegExp, command: string): boolean {
  return typeof wanted === 'string' ? wanted === command.trim() : new RegExp(wanted.source, wanted.flags).test(command)
}
