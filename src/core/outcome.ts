/** What a run, a host's part of it, a command or a transfer came to; `unknown`: the connection was lost, and nobody knows. */
export type Outcome = 'done' | 'failed' | 'interrupted' | 'unknown'
