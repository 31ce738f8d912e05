import type { Host } from './app.ts'
import type { Secret } from './data.ts'
import type { Shell } from './sh.ts'
import type { Step, Verdict } from './step.ts'

/**
 * What a free-form task works with: one host after the other, command by command, as one would type it.
 * Each command is a channel of the one connection that the whole run has to the host.
 */
export interface RemoteHost extends Host {
  readonly loginUser: string
  readonly siteUser: string
  /**
   * Runs shell text with `sh` as the login user, in the scope's folder (their home folder, where none is said) and environment. As one would
   * type it: a line that fails does not stop the ones after it, unless the text begins with `set -e`. The text, the variables and the
   * secrets in it travel on standard input; a `secret` in it is the path of a file that is there for as long as the command runs.
   * Throws a TasksError for an exit code that is not `ok`.
   */
  readonly run: (command: Shell, options?: CommandOptions) => Promise<Result>
  /** The same as root, or as another user: `{ as: 'postgres' }`. The scope's folder and environment hold here, too. */
  readonly sudo: (command: Shell, options?: CommandOptions & { readonly as?: string }) => Promise<Result>
  /**
   * The same host in another folder; a relative one is of the folder around, the outermost of the login user's home folder, `~`.
   * `host.cd('/srv').cd('app').sudo(…)`. A command whose folder is missing is not run.
   */
  readonly cd: (folder: string) => RemoteHost
  /** The same host with more variables in the environment of its commands. A secret travels on standard input and is masked. */
  readonly env: (variables: Variables) => RemoteHost
  /**
   * Writes a file, a folder or a stream to the host: the whole of it, or nothing. `target` is the path of the result itself, never the folder
   * to put it into; a relative one is of the scope's folder. A file takes the place of a file; of a folder, only a folder with `replace`.
   */
  readonly put: (source: PutSource, target: string, options?: PutOptions) => Promise<Transfer>
  /** The other way, by the same rules: `target` is the path of the result on this machine, a relative one of the project's folder. */
  readonly get: (source: string, target: string, options?: GetOptions) => Promise<Transfer>
  /** Reads a file of the host as it comes; throws at its end when it was not whole. What was read before is to be thrown away then. */
  readonly read: (source: string, options?: { readonly as?: string }) => AsyncIterable<Uint8Array>
  /** Carries connections between a port here and one as the host sees it, until closed or the task ends. */
  readonly forward: (ports: Forwarding) => Promise<Forward>
  /** The forwarding that the config names for this host: `hosts.web1.tunnels.db`. */
  readonly tunnel: (name: string) => Promise<Forward>
}

export type Variables = Readonly<Record<string, string | number | Secret>>

export interface CommandOptions {
  /** The folder it runs in; a relative one is of the scope's folder. */
  readonly cwd?: string
  readonly env?: Variables
  /** Seconds until it is ended, with all that it started in its session, and the task failed; none unless said. */
  readonly timeout?: number
  /** What it reads on standard input, byte by byte as it is; nothing unless said. With `pty` it is typed: lines of at most 4095 bytes. */
  readonly input?: string | Uint8Array | Secret | AsyncIterable<Uint8Array>
  /** Gives it a terminal, of 80 columns and 24 rows unless said: then both outputs are one, and what is typed is not echoed. */
  readonly pty?: boolean | { readonly columns?: number; readonly rows?: number }
  /** Whether its standard output is what the person asked for: then it goes to the program's own standard output. */
  readonly isAnswer?: boolean
  /** What of its output is not shown as it comes; all of it is in the result. */
  readonly hide?: 'stdout' | 'stderr' | 'both'
  /** Exit codes that are no failure: `[0]` unless said; `any` for all. */
  readonly ok?: readonly number[] | 'any'
  /** Answers to what it asks, each given as often as its pattern comes. Its standard input stays open for them. */
  readonly watch?: readonly Watcher[]
}

/**
 * Answers a prompt: when `pattern` matches what was said since the last answer (the last 16 384 characters of it, on one of the outputs),
 * `answer` is written to standard input, with a line feed where it has none at its end.
 */
export interface Watcher {
  readonly pattern: RegExp
  readonly answer: string | Secret
  /** Said after the answer, it was not taken: the command is ended and the task failed. */
  readonly refusal?: RegExp
}

/** What a command came to. Its outputs are whole, and held in memory: what is long is better read from a file. */
export interface Result {
  /** The host's name; absent for a command on this machine. */
  readonly host?: string
  /** The command as people read it: no secret in it. */
  readonly command: string
  /** As it came, not masked; what is not UTF-8 in it is replaced. */
  readonly stdout: string
  readonly stderr: string
  /** As shells tell it: of a command that was ended by a signal, 128 and the signal's number. */
  readonly exitCode: number
  /** Whether the exit code is 0. */
  readonly isOk: boolean
  /** Milliseconds. */
  readonly took: number
}

/** A path of this machine (a relative one is of the project's folder), or what a file is to hold. */
export type PutSource = string | Uint8Array | AsyncIterable<Uint8Array>

export interface PutOptions {
  /** As whom it is written, and whose it is where `owner` does not say; the login user. */
  readonly as?: string
  /** `user` or `user:group`; of a folder, of all that is in it. Only root may give files away: `as: 'root'`. */
  readonly owner?: string
  /**
   * Octal: `'0640'`. A file's own where it is not said, 0644 for what comes from no file; never with setuid bits. Of a folder it is the folder's
   * alone: what is in it keeps its modes.
   */
  readonly mode?: string
  /** A folder takes the place of the folder that is there, which is gone then with all that only it held. */
  readonly replace?: boolean
}

export interface GetOptions {
  /** As whom it is read; the login user. */
  readonly as?: string
  /** A folder takes the place of the folder that is there, which is gone then with all that only it held. */
  readonly replace?: boolean
}

export interface Transfer {
  /** Files and links, without folders. */
  readonly files: number
  /** What the files hold. */
  readonly bytes: number
  /** Milliseconds. */
  readonly took: number
}

/** `here` is a port of this machine (0 for any free one); `there` is `host:port`, a port, or the path of a socket. */
export type Forwarding =
  | { readonly here?: number; readonly there: string | number }
  /** The other way: connections to `listen` on the host come to `to` here. */
  | { readonly listen: number; readonly to: string | number }

export interface Forward {
  /** Where to connect to: the port that listens, here or on the host. */
  readonly port: number
  readonly address: string
  readonly close: () => Promise<void>
}

/** This machine, for a task's own commands: in the project's folder, with the person's environment. */
export interface LocalMachine {
  /**
   * Runs shell text with `sh` in the project's folder. The same as on a host: what is secret travels on standard input, and only the
   * command's own processes have it in their environment. There is no `pty`. Throws a TasksError for an exit code that is not `ok`.
   */
  readonly run: (command: Shell, options?: CommandOptions) => Promise<Result>
  readonly cd: (folder: string) => LocalMachine
  readonly env: (variables: Variables) => LocalMachine
}

/** What a free-form task may do besides commands, on hosts or on this machine. */
export interface FreeForm {
  readonly local: LocalMachine
  /** Asks the person; throws `usage` where nobody can answer and there is no default. */
  readonly ask: AskFreely
  /** Tells the person something. */
  readonly log: (message: string) => void
  /** Aborted when the run is to stop: commands end by themselves; long work of one's own should look at it. */
  readonly signal: AbortSignal
  /** Done when the task has ended, however it ended, the last one first. */
  readonly cleanup: (undo: () => void | Promise<void>) => void
}

export interface AskFreely {
  (
    question: string,
    options?: { readonly default?: string; readonly choices?: readonly string[]; readonly hide?: boolean },
  ): Promise<string>
  readonly confirm: (question: string, options?: { readonly default?: boolean }) => Promise<boolean>
}

/** What is done on one host, as a function: `steps` brings declared ones in between. */
export interface FreeFormOnHost extends FreeForm {
  readonly host: RemoteHost
  /** Establishes facts on the host with one program, as tasks of steps do; resolves with each step's verdict by its name. */
  readonly step: (...steps: readonly Step[]) => Promise<Readonly<Record<string, Verdict>>>
}
