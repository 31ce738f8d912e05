/** A host as the tools are to reach it: perhaps through a proxy that stands between. */
export interface Target {
  readonly name: string
  readonly address: string
  readonly port: number
  /** Has sudo, and is asked for no password. */
  readonly user: string
  readonly identityFile: string
  readonly knownHostsFile: string
}

/** `first`: the host is provisioned, and has no site yet. `code`, `package`: one line of the project, or of its requirements, is new. */
export type Scenario = 'no-op' | 'first' | 'code' | 'package' | 'dry-run'

export interface Work {
  readonly scenario: Scenario
  /** All of them at once, as far as the tool can. */
  readonly targets: readonly Target[]
  /** The checkout whose HEAD is to be served. */
  readonly project: string
  /** The site's name: each tool has one of its own, so that all share a host. */
  readonly site: string
  /** The tool's own folder, kept between runs: what it installed, its caches, what it wants to note. */
  readonly folder: string
}

export interface Command {
  readonly file: string
  readonly words: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** A tool that does the forty steps. */
export interface Peer {
  readonly name: string
  /** Short, for a site's name and a folder: `fabric`. */
  readonly id: string
  /** Puts the tool into a folder of its own unless it is there, and tells its version. Rejects with the reason where it cannot be had. */
  install(folder: string): Promise<string>
  /** What a person would type; undefined where the tool cannot do that. */
  command(work: Work): Command | undefined
  /** Whether what a run printed says that it changed nothing: a no-op must be one. */
  isNoop(output: string): boolean
  /** What a run prints once its new code is what visitors get. A tool that says nothing of it has asked the site by its end. */
  readonly switched?: RegExp
}
