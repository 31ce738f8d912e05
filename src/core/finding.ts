/** One thing that was looked at, and how it is: `warn` is no obstacle, `unknown` could not be told. */
export interface Finding {
  /** What it is about: this machine, the project, a host, a site. */
  readonly about: string
  /** In a word or two: `login`, `disk`. */
  readonly title: string
  readonly status: FindingStatus
  /** How it is. */
  readonly detail: string
  /** What to do about it. */
  readonly hint?: string | undefined
}

export type FindingStatus = 'ok' | 'warn' | 'bad' | 'unknown'

/** A finding that does not say yet what it is about. */
export type Found = Omit<Finding, 'about'>

export function ok(title: string, detail: string): Found {
  return { title, status: 'ok', detail }
}

export function warn(title: string, detail: string, hint?: string): Found {
  return { title, status: 'warn', detail, hint }
}

export function bad(title: string, detail: string, hint?: string): Found {
  return { title, status: 'bad', detail, hint }
}

export function unknown(title: string, detail: string, hint?: string): Found {
  return { title, status: 'unknown', detail, hint }
}
