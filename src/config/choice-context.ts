import type { Host } from '../core/app.ts'

/** What a choice of hosts and site depends on, beside the config and the flags. */
export interface ChoiceContext {
  /** The verb, for messages: `deploy`. */
  readonly task: string
  /** Whether the task has a site parameter. */
  readonly needsSite: boolean
  /** Whether anything is done on a host; otherwise only hosts that are named are of the run. */
  readonly needsHost: boolean
  readonly hasProject: boolean
  /** What the config is called in messages, where there is one. */
  readonly configName?: string | undefined
  /** A host that this machine runs, by its name. */
  readonly sandboxHost: (name: string) => Promise<Host | undefined>
  readonly sandboxNames: () => Promise<readonly string[]>
  /** Whether ssh_config or DNS knows a bare word. */
  readonly isKnownElsewhere: (word: string) => Promise<boolean>
}
