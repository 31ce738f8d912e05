import type { Handed } from './handed.ts'
import type { RunRequest } from './request.ts'

/** A run as all its parts know it. */
export interface Work {
  readonly request: RunRequest
  readonly run: string
  /** The site that it is about, where the arguments of a task name one: then the run is that site's, else the host's. */
  readonly site: string | undefined
  readonly handed: Handed
}
