import type { Link } from '../link.ts'
import type { Stop } from '../route.ts'
import type { Environment } from '../ssh-config.ts'

/** A link that the system's `ssh` carries. */
export interface OpensshLink extends Link {
  /** Where others can use it. */
  readonly socket: string
  /** What the host said last when it was asked for a way to another. */
  lastRefusal(): string
}

export interface OpensshHop {
  readonly stop: Stop
  readonly before: readonly OpensshLink[]
  readonly env: Environment
}
